import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Blobs, MissingBlobError, type StoredObject } from '#src/embedded/blobs/blobs.js';
import { LightSignal } from '#src/request/light-signal.js';
import type { StagedImage } from '#src/services/staged-image.js';

export interface BlobsSetup extends AsyncDisposable {
  blobs: Blobs;
  stage(bytes: Uint8Array): Promise<StagedImage>;
  /** A place for bytes that may be written. */
  placeFor(contentHash: string): string;
}

/** What any Blobs must do. */
export function describeBlobs(setUp: () => Promise<BlobsSetup>): void {
  let setup: BlobsSetup;
  beforeAll(async () => {
    setup = await setUp();
  });
  afterAll(() => setup?.[Symbol.asyncDispose]());

  async function put(bytes: Uint8Array): Promise<{ place: string; contentHash: string }> {
    await using image = await setup.stage(bytes);
    const place = setup.placeFor(image.contentHash);
    await setup.blobs.put(place, image);
    return { place, contentHash: image.contentHash };
  }

  async function listed(place: string): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    for await (const batch of setup.blobs.list())
      found.push(...batch.filter((object) => object.place === place));
    return found;
  }

  it.each([
    ['none', 0],
    ['one byte', 1],
    ['a picture', 200_000],
    ['a chunk of a file', 256 * 1024],
    ['a chunk and a byte', 256 * 1024 + 1],
    ['more than a buffer of every layer', 5_000_001],
  ])('gives back what was put: %s', async (_, size) => {
    const bytes = randomBytes(size);
    const { place } = await put(bytes);
    expect((await buffer(await setup.blobs.open(place))).equals(bytes)).toBe(true);
    expect(await setup.blobs.sizeOf(place)).toBe(size);
  });

  it('gives a range, with both ends in it', async () => {
    const bytes = randomBytes(100_000);
    const { place } = await put(bytes);
    for (const [start, end] of [
      [0, 0],
      [0, 99_999],
      [99_999, 99_999],
      [1_234, 56_789],
    ] as const) {
      const part = await buffer(await setup.blobs.open(place, { start, end }));
      expect(part.equals(bytes.subarray(start, end + 1)), `${start}-${end}`).toBe(true);
    }
  });

  it('gives a range of more bytes than a chunk has', async () => {
    const bytes = randomBytes(1_000_000);
    const { place } = await put(bytes);
    for (const [start, end] of [
      [0, 262_143],
      [0, 262_144],
      [999_999, 999_999],
      [1_234, 987_654],
      [1_234, 263_377],
    ] as const) {
      const part = await buffer(await setup.blobs.open(place, { start, end }));
      expect(part.equals(bytes.subarray(start, end + 1)), `${start}-${end}`).toBe(true);
    }
  });

  it('lets the staged bytes be read while and after they are put', async () => {
    const bytes = randomBytes(300_000);
    await using image = await setup.stage(bytes);
    const place = setup.placeFor(image.contentHash);
    const early = buffer(image.stream());
    await setup.blobs.put(place, image);
    expect((await early).equals(bytes)).toBe(true);
    expect((await buffer(image.stream())).equals(bytes)).toBe(true);
  });

  it('keeps the bytes when the staged ones are disposed of', async () => {
    const { place } = await put(Buffer.from('kept'));
    expect(String(await buffer(await setup.blobs.open(place)))).toBe('kept');
  });

  it('takes many at a time', async () => {
    const all = Array.from({ length: 24 }, (_, index) => randomBytes(10_000 + index));
    const places = await Promise.all(all.map(put));
    const found = await Promise.all(places.map(async ({ place }) => buffer(await setup.blobs.open(place))));
    expect(found.map((bytes, index) => bytes.equals(all[index]!))).toEqual(all.map(() => true));
  });

  it('says of nothing that it is missing', async () => {
    const place = setup.placeFor('0'.repeat(64));
    expect(await setup.blobs.sizeOf(place)).toBeNull();
    await expect(setup.blobs.open(place)).rejects.toBeInstanceOf(MissingBlobError);
    await expect(setup.blobs.open(place, { start: 0, end: 1 })).rejects.toBeInstanceOf(MissingBlobError);
    await expect(setup.blobs.localFile(place)).rejects.toBeInstanceOf(MissingBlobError);
    await setup.blobs.remove(place);
  });

  it('removes', async () => {
    const { place } = await put(randomBytes(100));
    await setup.blobs.remove(place);
    expect(await setup.blobs.sizeOf(place)).toBeNull();
    await expect(setup.blobs.open(place)).rejects.toBeInstanceOf(MissingBlobError);
    expect(await listed(place)).toEqual([]);
  });

  it('gives a local file, which holds the bytes until it is disposed of', async () => {
    const bytes = randomBytes(50_000);
    const { place } = await put(bytes);
    const file = await setup.blobs.localFile(place);
    expect(readFileSync(file.path).equals(bytes)).toBe(true);
    await file.dispose();
    expect((await buffer(await setup.blobs.open(place))).equals(bytes)).toBe(true);
  });

  it('gives a local file with as many bytes from the beginning as are enough, or more', async () => {
    const bytes = randomBytes(50_000);
    const { place } = await put(bytes);
    const file = await setup.blobs.localFile(place, undefined, 1000);
    const held = readFileSync(file.path);
    expect(held.length).toBeGreaterThanOrEqual(1000);
    expect(held.equals(bytes.subarray(0, held.length))).toBe(true);
    await file.dispose();
    await expect(setup.blobs.localFile(`${place}-gone`, undefined, 10)).rejects.toThrow();
  });

  it('lists each object once, with its content hash', async () => {
    const { place, contentHash } = await put(randomBytes(100));
    const [object, another] = await listed(place);
    expect(object).toMatchObject({ place, contentHash });
    expect(another).toBeUndefined();
  });

  it('sets aside: away from its place, and somewhere else', async () => {
    const { place } = await put(randomBytes(100));
    const name = await setup.blobs.setAside(place);
    expect(name).toContain('set-aside');
    expect(await setup.blobs.sizeOf(place)).toBeNull();
    expect(await listed(place)).toEqual([]);
    expect(setup.blobs.nameOf(place)).not.toBe(name);
  });

  it('ends a read that its reader gives up', async () => {
    const { place } = await put(randomBytes(5_000_000));
    const stream = await setup.blobs.open(place);
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(await setup.blobs.sizeOf(place)).toBe(5_000_000);
  });

  it('begins nothing for an aborted signal', async () => {
    const { place } = await put(randomBytes(10));
    const reason = new Error('gone');
    const aborted = LightSignal.following([AbortSignal.abort(reason)]);
    await expect(setup.blobs.open(place, undefined, aborted)).rejects.toBe(reason);
  });

  it('passes its probe, again and again', async () => {
    await setup.blobs.probe();
    await setup.blobs.probe();
  });

  it('stores nothing of bytes that cannot be read to their end', async () => {
    await using image = await setup.stage(randomBytes(1_000_000));
    const place = setup.placeFor(image.contentHash);
    let read = 0;
    const broken = Object.assign(Object.create(image), {
      size: image.size,
      blake3: () => image.blake3(),
      contentHash: image.contentHash,
      stream: () => Readable.from(failing(image.stream(), () => ++read)),
      moveTo: () => Promise.reject(new Error('The disk is broken.')),
    });
    await expect(setup.blobs.put(place, broken)).rejects.toThrow();
    expect(await setup.blobs.sizeOf(place)).toBeNull();
  });
}

/** The first time it is read to its end, and then only to its middle. */
async function* failing(bytes: AsyncIterable<Buffer>, count: () => number) {
  const time = count();
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (time > 1 && size > 500_000) throw new Error('The disk is broken.');
    yield chunk;
  }
}

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openS3Blobs } from '#src/embedded/blobs/s3/open.js';
import type { StagedImage } from '#src/services/staged-image.js';
import { hasSwift, NO_SWIFT, SWIFT_KEYS, Swift } from '../../../harness/swift.js';
import { createStage } from '../stage.js';
import { complaintOf, probe, SECRET_KEY } from './faulty-s3.js';

describe.skipIf(!hasSwift)(hasSwift ? 'a real S3 server' : `a real S3 server (skipped: ${NO_SWIFT})`, () => {
  let swift: Swift;
  let stage: (bytes: Uint8Array) => Promise<StagedImage>;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lookalike-s3-'));
    swift = await Swift.start();
    await swift.makeBucket('pictures');
    stage = await createStage(join(folder, 'incoming'));
  });
  afterAll(async () => {
    await swift?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const open = (env: NodeJS.ProcessEnv = SWIFT_KEYS) =>
    openS3Blobs({ url: swift.blobsUrl('pictures', 'pre'), env, scratchDir: folder, timeoutMs: 5_000 });
  const newPlace = (hash: string) =>
    `${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash}-${randomBytes(6).toString('hex')}`;

  it('passes the probe, with and without a prefix', async () => {
    await probe(swift.blobsUrl('pictures', 'pre'), SWIFT_KEYS);
    await probe(swift.blobsUrl('pictures'), SWIFT_KEYS);
  });

  it('tells of a bucket that is not there', async () => {
    expect(await complaintOf(probe(swift.blobsUrl('others'), SWIFT_KEYS))).toContain(
      'BLOBS_URL names the bucket others, which',
    );
  });

  it('tells of a wrong secret and of a wrong key', async () => {
    const secret = { ...SWIFT_KEYS, AWS_SECRET_ACCESS_KEY: SECRET_KEY };
    expect(await complaintOf(probe(swift.blobsUrl('pictures'), secret))).toMatch(/^AWS_SECRET_ACCESS_KEY, /);
    const key = { ...SWIFT_KEYS, AWS_ACCESS_KEY_ID: 'nobody:here' };
    expect(await complaintOf(probe(swift.blobsUrl('pictures'), key))).toMatch(
      /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY), /,
    );
  });

  it('tells of a wrong region', async () => {
    const complaint = await complaintOf(probe(`${swift.blobsUrl('pictures')}&region=eu-west-1`, SWIFT_KEYS));
    expect(complaint).toContain(
      'BLOBS_URL sets the region eu-west-1 for the bucket pictures, but it is in the region us-east-1',
    );
  });

  it('takes no bytes that changed behind their hash', async () => {
    const { blobs, close } = open();
    await using image = await stage(randomBytes(100_000));
    const place = newPlace(image.contentHash);
    const changing = reading(image, () => Readable.from([randomBytes(100_000)]));
    await expect(blobs.put(place, changing)).rejects.toMatchObject({
      name: 'StorageError',
      code: 'UNAVAILABLE',
    });
    expect(await blobs.sizeOf(place)).toBeNull();
    await close();
  });

  it('refuses a wrong secret in all calls', async () => {
    const { blobs, close } = open({ ...SWIFT_KEYS, AWS_SECRET_ACCESS_KEY: SECRET_KEY });
    await using image = await stage(Buffer.from('x'));
    const place = newPlace(image.contentHash);
    const calls = [
      () => blobs.put(place, image),
      () => blobs.open(place),
      () => blobs.sizeOf(place),
      () => blobs.remove(place),
      () => blobs.setAside(place),
      () => blobs.list()[Symbol.asyncIterator]().next(),
    ];
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({
        name: 'StorageError',
        code: 'UNAVAILABLE',
        retryable: false,
      });
    await close();
  });

  it('leaves nothing visible of an upload, and no whole of a download, that its own end cuts off', async () => {
    const { blobs, close } = open();
    const bytes = randomBytes(8_000_000);
    await using image = await stage(bytes);
    const [place, kept] = [newPlace(image.contentHash), newPlace(image.contentHash)];
    await blobs.put(kept, image);
    const stream = await blobs.open(kept);
    const putting = blobs.put(
      place,
      reading(image, () => Readable.from(slowly(bytes))),
    );
    const refused = expect(putting).rejects.toMatchObject({ name: 'StorageError' });
    await sleep(500);
    await swift.stopProxy();
    await refused;
    await expect(buffer(stream)).rejects.toMatchObject({ name: 'StorageError', code: 'UNAVAILABLE' });
    await close();
    await swift.startProxy();
    const later = open();
    expect(await later.blobs.sizeOf(place)).toBeNull();
    expect((await buffer(await later.blobs.open(kept))).equals(bytes)).toBe(true);
    await later.close();
  });

  it('passes again when the server has come back', async () => {
    const { blobs, close } = openS3Blobs({
      url: swift.blobsUrl('pictures'),
      env: SWIFT_KEYS,
      scratchDir: '/nowhere',
      timeoutMs: 2_000,
    });
    try {
      await blobs.probe();
      await swift.stopProxy();
      expect(await complaintOf(blobs.probe())).toMatch(/^BLOBS_URL: /);
      await swift.startProxy();
      await blobs.probe();
    } finally {
      await close();
    }
  });
});

/** An image whose bytes are others, or come otherwise, once they have been read for their hash. */
function reading(image: StagedImage, stream: () => Readable): StagedImage {
  let isHashed = false;
  return Object.assign(Object.create(image), {
    size: image.size,
    stream: () => {
      if (isHashed) return stream();
      isHashed = true;
      return image.stream();
    },
  });
}

async function* slowly(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 500_000) {
    yield bytes.subarray(at, at + 500_000);
    await sleep(200);
  }
}

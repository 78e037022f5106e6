import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PictureFiles } from '#src/embedded/thumbnails/picture-files.js';
import { StoredPictures, type ThumbnailOutcome } from '#src/embedded/thumbnails/stored-pictures.js';
import { ThumbnailCache } from '#src/embedded/thumbnails/thumbnail-cache.js';
import { LightSignal } from '#src/request/light-signal.js';
import type { ThumbnailKind } from '#src/services/pictures.js';
import { StorageError } from '#src/services/storage-error.js';

const KIND: ThumbnailKind = { width: 160, format: 'webp' };
const sourceOf = (number: number) =>
  ({ service: 'IMGCACHE', contentHash: String(number).padStart(64, '0') }) as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-pictures-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Pictures whose making ends when the test says so. */
function setUp({
  maxBytes = 1_000_000,
  files = existing(),
}: {
  maxBytes?: number;
  files?: PictureFiles;
} = {}) {
  const making: ((bytes: Uint8Array | null) => void)[] = [];
  const outcomes: ThumbnailOutcome[] = [];
  const errors: unknown[] = [];
  let headers = 0;
  const pictures = new StoredPictures({
    pictures: {
      shape: async (_path, isWhole) => {
        headers++;
        return isWhole
          ? { contentType: 'image/png', width: 3, height: 2, upright: { width: 3, height: 2 } }
          : null;
      },
      thumbnail: () => new Promise((resolve) => making.push(resolve)),
    },
    files: { IMGCACHE: files, VISUALSNOOP: null },
    cache: new ThumbnailCache({ folder: join(folder, 'kept'), maxBytes }),
    onThumbnail: (outcome) => outcomes.push(outcome),
    onError: (error) => errors.push(error),
  });
  return { pictures, making, outcomes, errors, headers: () => headers };
}

/** Every file is there; counts those that are open, and the bytes asked for. */
function existing() {
  const asked: (number | undefined)[] = [];
  let opened = 0;
  const files: PictureFiles = {
    locate: async (contentHash) => contentHash,
    async open(_contentHash, { enough } = {}) {
      asked.push(enough);
      opened++;
      const dispose = async () => void opened--;
      return { path: '/', dispose, sizeBytes: 7, isWhole: enough === undefined };
    },
    stream: async () => Readable.from([]),
  };
  return { ...files, asked, openFiles: () => opened };
}

const turns = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1));
};

describe('Thumbnails', () => {
  it('are made once for all that ask at once, then read', async () => {
    const { pictures, making, outcomes } = setUp();
    const all = Promise.all(Array.from({ length: 9 }, () => pictures.thumbnail(sourceOf(1), KIND)));
    await turns();
    expect(making).toHaveLength(1);
    making[0]!(Buffer.from('made'));
    expect((await all).map((bytes) => Buffer.from(bytes!).toString())).toEqual(Array(9).fill('made'));
    expect(Buffer.from((await pictures.thumbnail(sourceOf(1), KIND))!).toString()).toBe('made');
    expect(outcomes).toEqual(['MADE', 'CACHED']);
  });

  it('differ by width and format', async () => {
    const { pictures, making } = setUp();
    const all = [KIND, { ...KIND, width: 320 as const }, { ...KIND, format: 'jpg' as const }].map((kind) =>
      pictures.thumbnail(sourceOf(1), kind),
    );
    await turns();
    expect(making).toHaveLength(3);
    for (const end of making) end(null);
    expect(await Promise.all(all)).toEqual([null, null, null]);
  });

  it('are refused when 50 wait, and made again when there is room', async () => {
    const { pictures, making, outcomes } = setUp();
    const asked = Array.from({ length: 54 }, (_, i) => pictures.thumbnail(sourceOf(i), KIND));
    await turns();
    expect([making.length, pictures.waiting]).toEqual([4, 50]);
    await expect(pictures.thumbnail(sourceOf(99), KIND)).rejects.toThrow('50 thumbnails wait');
    // One that is being made already may be waited for.
    asked.push(pictures.thumbnail(sourceOf(0), KIND));
    for (let i = 0; i < 54; i++) {
      making[i]!(Buffer.from('made'));
      await turns();
    }
    expect((await Promise.all(asked)).every((bytes) => bytes?.length === 4)).toBe(true);
    expect(outcomes.filter((outcome) => outcome === 'REFUSED')).toHaveLength(1);
    const again = pictures.thumbnail(sourceOf(99), KIND);
    await turns();
    making.at(-1)!(null);
    expect(await again).toBeNull();
  });

  it('are not made when nobody waits for them any more', async () => {
    const { pictures, making } = setUp();
    const first = Array.from({ length: 4 }, (_, i) => pictures.thumbnail(sourceOf(i), KIND));
    await turns();
    const [one, two] = [new LightSignal(), new LightSignal()];
    const left = [one, two].map((signal) =>
      pictures.thumbnail(sourceOf(50), KIND, signal).catch(() => 'left'),
    );
    await turns();
    one.abort();
    expect(pictures.waiting).toBe(1);
    two.abort();
    expect(await Promise.all(left)).toEqual(['left', 'left']);
    await turns();
    expect(pictures.waiting).toBe(0);
    for (const end of making) end(null);
    await Promise.all(first);
    expect(making).toHaveLength(4);
  });

  it('are given also when they cannot be kept', async () => {
    const { pictures, making, errors } = setUp();
    expect(await pictures.thumbnail({ service: 'VISUALSNOOP', contentHash: 'x' }, KIND)).toBeNull();
    writeFileSync(join(folder, 'kept'), 'no folder');
    const asked = pictures.thumbnail(sourceOf(1), KIND);
    await turns();
    making[0]!(Buffer.from('made'));
    expect(Buffer.from((await asked)!).toString()).toBe('made');
    expect(errors).toMatchObject([{ code: expect.stringMatching(/ENOTDIR|EEXIST/) }]);
  });

  it('fail with the service whose storage failed', async () => {
    const down = new StorageError('the object store cannot be reached', {
      code: 'UNAVAILABLE',
      retryable: true,
    });
    const failing: PictureFiles = {
      locate: () => Promise.reject(down),
      open: () => Promise.reject(down),
      stream: () => Promise.reject(down),
    };
    const { pictures } = setUp({ files: failing });
    for (const call of [
      () => pictures.thumbnail(sourceOf(1), KIND),
      () => pictures.find(sourceOf(1)),
      () => pictures.open(sourceOf(1)),
    ])
      await expect(call()).rejects.toMatchObject({ service: 'IMGCACHE', code: 'UNAVAILABLE' });
  });
});

describe('The header of a picture', () => {
  it('is read from its beginning, from all of it where that tells nothing, and then remembered', async () => {
    const files = existing();
    const { pictures, headers } = setUp({ files });
    const expected = {
      contentType: 'image/png',
      fileSizeBytes: 7,
      width: 3,
      height: 2,
      upright: { width: 3, height: 2 },
    };
    expect(await Promise.all([pictures.find(sourceOf(1)), pictures.find(sourceOf(1))])).toEqual([
      expected,
      expected,
    ]);
    expect(files.asked).toEqual([256 * 1024, undefined]);
    expect(await pictures.find(sourceOf(1))).toEqual(expected);
    expect([headers(), files.openFiles()]).toEqual([2, 0]);
  });

  it('is null for a service that gives no bytes', async () => {
    const { pictures } = setUp();
    expect(await pictures.find({ service: 'VISUALSNOOP', contentHash: 'x' })).toBeNull();
    expect(await pictures.thumbnail({ service: 'VISUALSNOOP', contentHash: 'x' }, KIND)).toBeNull();
    expect(await pictures.open({ service: 'VISUALSNOOP', contentHash: 'x' })).toBeNull();
  });
});

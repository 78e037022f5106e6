import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FileBlobs } from '#src/embedded/blobs/file-blobs.js';
import { WholeBytes } from '#src/services/whole-bytes.js';
import { createStage } from './stage.js';

let folder: string;
let blobs: FileBlobs;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookalike-blobs-'));
  await mkdir(join(folder, 'blobs'));
  blobs = new FileBlobs(join(folder, 'blobs'));
});
afterAll(() => rm(folder, { recursive: true }));

async function put(bytes: Uint8Array): Promise<string> {
  const stage = await createStage(join(folder, 'incoming'));
  await using image = await stage(bytes);
  await blobs.put(image.contentHash, image);
  return image.contentHash;
}

it('Bytes of at most one chunk are read at once, and more of them never', async () => {
  const bytes = randomBytes(256 * 1024 + 1);
  const place = await put(bytes);
  const part = await blobs.open(place, { start: 1, end: 256 * 1024 });
  expect(part instanceof WholeBytes && Buffer.from(part.bytes).equals(bytes.subarray(1))).toBe(true);
  expect((await buffer(part)).equals(bytes.subarray(1))).toBe(true);
  const whole = await blobs.open(place);
  expect(whole).not.toBeInstanceOf(WholeBytes);
  whole.destroy();
});

it('A range behind the end of a file that was cut has no bytes', async () => {
  const place = await put(randomBytes(1000));
  await truncate(blobs.path(place), 100);
  expect(await buffer(await blobs.open(place, { start: 500, end: 999 }))).toHaveLength(0);
  expect(await buffer(await blobs.open(place, { start: 50, end: 999 }))).toHaveLength(50);
});

it('No file stays open, however its bytes were read', async () => {
  const places = [await put(randomBytes(10)), await put(randomBytes(1_000_000))];
  const before = (await readdir('/proc/self/fd')).length;
  for (let i = 0; i < 20; i++)
    for (const place of places) {
      await buffer(await blobs.open(place));
      (await blobs.open(place)).destroy();
    }
  await expect.poll(async () => (await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before + 2);
});

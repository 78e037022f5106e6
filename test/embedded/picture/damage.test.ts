import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describePicture, readPicture } from '#src/embedded/picture/read-picture.js';
import type { PictureFacts } from '#src/services/staged-image.js';
import { corpusPicture } from '../corpus.js';
import { factsOf, withFile } from './facts-of.js';
import { edited, mutationsOf } from './mutations.js';

const damaged = (name: string) => readFileSync(new URL(`../../fixtures/damaged/${name}`, import.meta.url));

/** How a file is damaged, what Pillow says of it then, and whether that is refused here all the same. */
type Golden = [
  offset: number,
  removed: number,
  inserted: string,
  answer: [width: number, height: number, hash: string] | null,
  stricter?: 'STRICTER',
];

const golden: Record<string, Golden[]> = JSON.parse(damaged('golden.json').toString());

describe.each(Object.entries(golden))('damage of %s', (name, cases) => {
  it('is refused where Pillow refuses it, and gives the same hash where it does not', async () => {
    const bytes = damaged(name);
    for (const [offset, removed, inserted, answer, stricter] of cases) {
      const facts = await factsOf(edited(bytes, [offset, removed, Buffer.from(inserted, 'hex')]));
      const [width, height, perceptualHash] = (stricter ? null : answer) ?? [null, null, null];
      expect(facts, `${offset}, ${removed}, ${inserted}`).toMatchObject({ width, height, perceptualHash });
    }
  });
});

describe('the files met elsewhere', () => {
  const whole = { width: 240, height: 160, perceptualHash: 'f3e96933160b1b36', problem: null };
  const cutOff = { width: null, height: null, perceptualHash: null, problem: 'CUT_OFF' };

  it.each([
    ['avif-sequence.avif', { contentType: 'image/avif', ...whole }],
    ['gif-stray-zero-bytes.gif', { contentType: 'image/gif', ...whole }],
    ['gif-lzw-bitflip.gif', { contentType: 'image/gif', ...cutOff }],
    ['jpeg-bogus-marker-in-scan.jpg', { contentType: 'image/jpeg', ...cutOff }],
    ['png-plte-crc.png', { contentType: 'application/octet-stream', ...cutOff }],
  ])('are judged as Pillow judges them: %s', async (name, facts) => {
    expect(await factsOf(damaged(name))).toEqual(facts);
  });
});

const PICTURES: Record<string, Buffer> = {
  ...Object.fromEntries(Object.keys(golden).map((name) => [name, damaged(name)])),
  'avif-sequence.avif': damaged('avif-sequence.avif'),
  ...Object.fromEntries(
    ['cmyk.jpg', 'mpo.jpg', 'photo.avif', 'animated.webp', 'gray16.tiff', 'rgb.bmp', 'photo.heic'].map(
      (name) => [name, corpusPicture(`odd/${name}`)],
    ),
  ),
};

it('both halves of the engine take the same damaged files for pictures', async () => {
  const counts = { pictures: 0, refused: 0, 'not decoded': 0 };
  for (const [name, bytes] of Object.entries(PICTURES)) {
    for (const { kind, bytes: mutated } of mutationsOf(bytes, 5, 2)) {
      const [facts, isDescribed] = await halvesOf(mutated);
      expect(isDescribed, `${name}, ${kind}: ${JSON.stringify(facts)}`).toBe(facts.width !== null);
      counts[facts.width !== null ? 'pictures' : facts.problem ? 'refused' : 'not decoded']++;
    }
  }
  process.stdout.write(`\nDamaged files, by both halves: ${JSON.stringify(counts)}\n`);
  expect(Math.min(counts.pictures, counts.refused)).toBeGreaterThan(100);
});

async function halvesOf(bytes: Buffer): Promise<[PictureFacts, boolean]> {
  const limits = { maxPixels: 1_000_000 };
  const reserve = async () => {};
  return withFile(bytes, async (path) => [
    await readPicture(path, limits, reserve),
    (await describePicture(path, limits, reserve)) !== null,
  ]);
}

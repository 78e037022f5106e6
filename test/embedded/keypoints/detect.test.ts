import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { INVERTED_BITS, MIRRORED_BITS } from '#src/embedded/keypoints/basis.js';
import { codeOf, distancesOf } from '#src/embedded/keypoints/codes.js';
import { detectKeypoints, type GreyCopy, type Keypoint } from '#src/embedded/keypoints/detect.js';
import { encodeKeypoints } from '#src/embedded/keypoints/keypoints.js';
import { createPicturePool } from '#src/embedded/picture/picture-pool.js';

import { copyOf } from './copies.js';

const PHOTOGRAPH = fileURLToPath(new URL('../../fixtures/corpus/photos/11-picos.jpg', import.meta.url));
const MOST = 200;

/** The photograph in a smaller size, edited. */
async function edited(edit: (picture: Sharp) => Sharp = (picture) => picture): Promise<GreyCopy> {
  const small = await sharp(PHOTOGRAPH).resize(320).png().toBuffer();
  return copyOf(await edit(sharp(small)).png().toBuffer(), 320);
}

/** How many of some keypoints are at a place among others, with the same size and turn, and how many codes are alike there. */
function shared(
  some: Keypoint[],
  others: Keypoint[],
  expected: (point: Keypoint) => Omit<Keypoint, 'patch'>,
) {
  let [places, codes] = [0, 0];
  for (const one of some) {
    const { x, y, size, angle } = expected(one);
    const same = others.filter(
      (other) =>
        Math.hypot(other.x - x, other.y - y) < 0.006 &&
        Math.abs(Math.log(other.size / size)) < 0.3 &&
        Math.abs(Math.sin((other.angle - angle) / 2)) < 0.15,
    );
    if (same.length === 0) continue;
    places++;
    const { low, high } = codeOf(one.patch);
    const distances = same.map((other) => {
      const code = codeOf(other.patch);
      return ones(low ^ code.low) + ones(high ^ code.high);
    });
    if (Math.min(...distances) <= 14) codes++;
  }
  return { places: places / some.length, codes: codes / some.length };
}

function ones(bits: number): number {
  return (bits >>> 0).toString(2).replaceAll('0', '').length;
}

describe('keypoints', () => {
  it('are the same for the same copy, in every thread', async () => {
    const copy = await edited();
    const bytes = encodeKeypoints(copy, 48);
    expect(encodeKeypoints(copy, 48)).toEqual(bytes);
    const pool = createPicturePool({ maxPixels: 1e7, threads: 2 });
    const [first, second] = await Promise.all([pool.describe(PHOTOGRAPH), pool.describe(PHOTOGRAPH)]);
    await pool.close();
    expect(first).not.toBeNull();
    expect(second).toEqual(first);
  });

  it('are as they always were', async () => {
    const golden = readFileSync(new URL('./golden-keypoints.txt', import.meta.url), 'utf8');
    const lines = detectKeypoints(synthetic(), 12).map(({ x, y, size, angle, patch }) => {
      const { low, high, weak } = codeOf(patch);
      const numbers = [x, y, size, angle].map((value) => value.toFixed(5));
      return [...numbers, low.toString(16), high.toString(16), weak.join(' ')].join(' ');
    });
    expect(`${lines.join('\n')}\n`).toBe(golden);
  });

  it('turn, shrink and mirror with the picture', async () => {
    const before = await edited();
    const keypoints = detectKeypoints(before, MOST);
    const [width, height] = [1, before.height / before.width];
    const turned = detectKeypoints(await edited((picture) => picture.rotate(90)), MOST);
    const turn = ({ x, y, size, angle }: Keypoint) => {
      return { x: height - y, y: x, size, angle: angle + Math.PI / 2 };
    };
    const mirror = ({ x, y, size, angle }: Keypoint) => ({ x: width - x, y, size, angle: Math.PI - angle });
    expect(shared(keypoints, turned, turn).codes).toBeGreaterThan(0.8);
    const mirrored = detectKeypoints(await edited((picture) => picture.flop()), MOST);
    expect(shared(keypoints, mirrored, mirror).places).toBeGreaterThan(0.8);
    const half = await copyOf(await sharp(PHOTOGRAPH).resize(224).png().toBuffer(), 320);
    const { places, codes } = shared(
      detectKeypoints(half, 48),
      detectKeypoints(before, MOST),
      (each) => each,
    );
    expect(places).toBeGreaterThan(0.7);
    expect(codes).toBeGreaterThan(0.6);
  });

  it('lie as far beyond a class of planes as before them where the picture is mirrored or inverted', () => {
    const patches = detectKeypoints(synthetic(), 60).map(({ patch }) => patch);
    for (const patch of patches) {
      const cell = (row: number, column: number, direction: number) =>
        patch[(row * 4 + column) * 8 + direction]!;
      const movedPatch = (place: (row: number, column: number, direction: number) => number) =>
        Uint8Array.from({ length: 128 }, (_, at) => place(at >> 5, (at >> 3) & 3, at & 7));
      const distances = distancesOf(patch);
      const negated = (bits: readonly number[]) =>
        distances.map((distance, bit) => (bits.includes(bit) ? -distance : distance));
      const mirrored = movedPatch((row, column, d) => cell(3 - row, column, (8 - d) % 8));
      expect(distancesOf(mirrored)).toEqual(negated(MIRRORED_BITS));
      const inverted = movedPatch((row, column, d) => cell(3 - row, 3 - column, d));
      expect(distancesOf(inverted)).toEqual(negated(INVERTED_BITS));
    }
    expect(patches.length).toBeGreaterThan(20);
  });

  it('are none in a plain picture, and few in a tiny one', async () => {
    const plain = { luma: new Uint8Array(320 * 200).fill(77), width: 320, height: 200 };
    expect(detectKeypoints(plain, MOST)).toEqual([]);
    for (const [width, height] of [
      [1, 1],
      [1, 320],
      [15, 15],
    ] as const)
      expect(detectKeypoints({ luma: new Uint8Array(width * height), width, height }, MOST)).toEqual([]);
  });
});

/** Blobs of many sizes, in whole numbers and without any decoder. */
function synthetic(): GreyCopy {
  const [width, height] = [240, 180];
  const luma = new Uint8Array(width * height).fill(128);
  let state = 7;
  const next = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) % below;
  };
  for (let blob = 0; blob < 120; blob++) {
    const [x, y, across, down, tone] = [next(width), next(height), 4 + next(22), 4 + next(22), next(256)];
    for (let row = y; row < Math.min(height, y + down); row++)
      for (let column = x; column < Math.min(width, x + across); column++) luma[row * width + column] = tone;
  }
  return { luma, width, height };
}

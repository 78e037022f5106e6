import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunkValues, halfValues } from '#src/embedded/store/pigeonhole.js';
import { type HashChunks, hammingDistance } from '#src/services/hamming-distance.js';
import { arbitraryHash } from '../hashes.js';

test.each([
  [0, 1],
  [3, 4],
  [4, 20],
  [8, 188],
  [10, 428],
])('radius %i takes %i probes', (radius, count) => {
  const values = chunkValues([1, 2, 3, 4], radius);
  expect(values.flat()).toHaveLength(count);
  for (const ofChunk of values) expect(new Set(ofChunk).size).toBe(ofChunk.length);
});

test('at radius 64 the probes are all values of a chunk', () => {
  expect(chunkValues([1, 2, 3, 4], 64)[0]).toHaveLength(0x10000);
});

test.each([
  [0, 1],
  [2, 34],
  [3, 66],
  [4, 562],
])('radius %i takes %i probes of halves', (radius, count) => {
  const values = halfValues([0xffff, 2, 3, 4], radius);
  expect(values.flat()).toHaveLength(count);
  for (const ofHalf of values) expect(new Set(ofHalf).size).toBe(ofHalf.length);
});

test('every hash within the radius is hit by a probe', () => {
  const bits = fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 12 });
  fc.assert(
    fc.property(arbitraryHash, bits, fc.integer({ min: 0, max: 2 }), (query, changed, slack) => {
      const chunk = (index: number) =>
        changed
          .filter((bit) => bit >> 4 === index)
          .reduce((value, bit) => value ^ (1 << (bit & 15)), query[index]!);
      const hash: HashChunks = [chunk(0), chunk(1), chunk(2), chunk(3)];
      const radius = hammingDistance(query, hash) + slack;
      const values = chunkValues(query, radius);
      expect(values.some((ofChunk, index) => ofChunk.includes(hash[index]!))).toBe(true);
      if (radius > 5) return;
      const halves = [hash[0] * 0x10000 + hash[1], hash[2] * 0x10000 + hash[3]];
      const ofHalves = halfValues(query, radius);
      expect(ofHalves.some((ofHalf, index) => ofHalf.includes(halves[index]!))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MOST_DISTANCE } from '#src/embedded/keypoints/code-chains.js';
import { PLACE_BITS, WEAK_BITS } from '#src/embedded/keypoints/codes.js';
import { KeypointTable, placeInRow, rowOf } from '#src/embedded/keypoints/keypoint-table.js';
import { KEPT_KEYPOINTS, type Keypoints } from '#src/embedded/keypoints/keypoints.js';
import { random } from '../hashes.js';
import { flippedKeypoints, randomKeypoints } from './random-keypoints.js';

const ones = (bits: number) => (bits >>> 0).toString(2).replaceAll('0', '').length;

/** The rule, code by code. */
function scan(rows: ReadonlyMap<number, Keypoints>, probe: { low: number; high: number; weak: Uint8Array }) {
  const found: string[] = [];
  const strict = probe.weak.reduce((mask, bit) => mask & ~(1 << bit), 2 ** PLACE_BITS - 1);
  for (const [row, { count, low, high }] of rows) {
    for (let i = 0; i < Math.min(count, KEPT_KEYPOINTS); i++) {
      const distance = ones(low[i]! ^ probe.low) + ones(high[i]! ^ probe.high);
      if (((low[i]! ^ probe.low) & strict) === 0 && distance <= MOST_DISTANCE)
        found.push(`${row} ${i} ${distance}`);
    }
  }
  return found.sort();
}

it('finds what a scan of all codes finds, while pictures come and go and the table grows', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const next = random(seed);
      const table = new KeypointTable();
      const rows = new Map<number, Keypoints>();
      const originals = Array.from({ length: 4 }, () => randomKeypoints(next, Math.floor(next() * 60)));
      for (let step = 0; step < 300; step++) {
        const row = Math.floor(next() * 160);
        if (rows.has(row)) {
          table.erase(row);
          rows.delete(row);
          continue;
        }
        const original = originals[Math.floor(next() * originals.length)]!;
        const copy =
          next() < 0.5
            ? flippedKeypoints(next, original, { weak: 4, others: 14 })
            : randomKeypoints(next, original.count);
        table.write(row, copy);
        rows.set(row, copy);
      }
      const probes = originals.flatMap(({ count, low, high, weak }) =>
        Array.from({ length: Math.ceil(count / 2) }, (_, half) => {
          const i = 2 * half;
          return { low: low[i]!, high: high[i]!, weak: weak.subarray(i * WEAK_BITS, (i + 1) * WEAK_BITS) };
        }),
      );
      const hits: string[][] = probes.map(() => []);
      table.find(probes, (probe, slot, distance) =>
        hits[probe]!.push(`${rowOf(slot)} ${placeInRow(slot)} ${distance}`),
      );
      for (const [at, probe] of probes.entries()) {
        expect(hits[at]!.sort()).toEqual(scan(rows, probe));
        found += hits[at]!.length;
      }
    }),
    { numRuns: 15 },
  );
  expect(found).toBeGreaterThan(1000);
});

it('needs little more than 16 bytes for each keypoint of a large collection', () => {
  const table = new KeypointTable();
  const keypoints = randomKeypoints(random(1), KEPT_KEYPOINTS);
  for (let row = 0; row < 30_000; row++) table.write(row, keypoints);
  expect(table.bytes / 30_000 / KEPT_KEYPOINTS).toBeLessThan(18.5);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MOST_CODES } from '#src/embedded/keypoints/code-chains.js';
import { CodeHits } from '#src/embedded/keypoints/code-hits.js';
import { PLACE_BITS, WEAK_BITS } from '#src/embedded/keypoints/codes.js';
import { KeypointTable, placeInRow, rowOf } from '#src/embedded/keypoints/keypoint-table.js';
import { KEPT_KEYPOINTS, type Keypoints } from '#src/embedded/keypoints/keypoints.js';
import { MOST_DISTANCE, probesOf } from '#src/embedded/keypoints/probe.js';
import { random } from '../hashes.js';
import { flippedKeypoints, randomKeypoints } from './random-keypoints.js';

const ones = (bits: number) => (bits >>> 0).toString(2).replaceAll('0', '').length;

/** The rule, code by code: row, place in it, distance, and place in the picture. */
function scan(rows: ReadonlyMap<number, Keypoints>, query: Keypoints, probe: number): string[] {
  const found: string[] = [];
  const weak = query.weak.subarray(probe * WEAK_BITS, (probe + 1) * WEAK_BITS);
  const strict = weak.reduce((mask, bit) => mask & ~(1 << bit), 2 ** PLACE_BITS - 1);
  for (const [row, { count, low, high, places }] of rows) {
    for (let i = 0; i < Math.min(count, KEPT_KEYPOINTS); i++) {
      if (((low[i]! ^ query.low[probe]!) & strict) !== 0) continue;
      const distance = ones(low[i]! ^ query.low[probe]!) + ones(high[i]! ^ query.high[probe]!);
      if (distance <= MOST_DISTANCE) found.push(`${row} ${i} ${distance} ${places[i]}`);
    }
  }
  return found.sort();
}

/** The same of all codes of the query, as the table finds it. */
function look(table: KeypointTable, query: Keypoints): string[][] {
  const hits = new CodeHits();
  const found: string[][] = [];
  const probes = probesOf(query, false);
  for (let first = 0; first < probes.length; first += MOST_CODES) {
    const some = probes.slice(first, first + MOST_CODES);
    hits.clear();
    table.find(some, hits);
    for (const ofProbe of hits.byProbe(some.length)) {
      const words = [...ofProbe].map((hit) => {
        const number = hits.numberOf(hit);
        return [rowOf(number), placeInRow(number), hits.distanceOf(hit), hits.placeOf(hit)].join(' ');
      });
      found.push(words.sort());
    }
  }
  return found;
}

it('finds what a scan of all codes finds, while pictures come and go and the table grows', () => {
  const counts = { found: 0, compacted: 0, merged: 0 };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.constantFrom(0, 20, 100, 2000),
      fc.constantFrom(3000, 8000, 2 ** 22),
      fc.constantFrom(1, 500, 2 ** 19),
      (seed, unsorted, run, merged) => {
        const next = random(seed);
        const table = new KeypointTable({ unsorted, run, merged });
        let rows = new Map<number, Keypoints>();
        const originals = Array.from({ length: 4 }, () => randomKeypoints(next, Math.floor(next() * 100)));
        // Where most pictures go, the others move together.
        const goes = next() < 0.5 ? 0.3 : 0.49;
        const settled = Math.floor(next() * 40);
        for (let step = 0; step < 700; step++) {
          if (next() < goes && rows.size > 0) {
            const row = [...rows.keys()][Math.floor(next() * rows.size)]!;
            table.erase(row);
            rows.delete(row);
          } else {
            const original = originals[Math.floor(next() * originals.length)]!;
            const isCopy = next() < 0.5;
            const copy = isCopy
              ? flippedKeypoints(next, original, { weak: 4, others: 14 })
              : randomKeypoints(next, original.count);
            rows.set(table.append(copy), copy);
          }
          if (table.isSparse) {
            rows = new Map(table.compact().map((before, row) => [row, rows.get(before)!]));
            expect(table.rows).toBe(rows.size);
            counts.compacted++;
          }
          // Some merges are amid their parts when slots come, go and are looked for.
          if (step % 40 < settled && table.settle()) counts.merged++;
          if (step % 70 < 69) continue;
          const query = originals[step % originals.length]!;
          for (const [probe, found] of look(table, query).entries()) {
            expect(found).toEqual(scan(rows, query, probe));
            counts.found += found.length;
          }
        }
        table.dispose();
      },
    ),
    { numRuns: 12 },
  );
  expect(counts.found).toBeGreaterThan(1000);
  expect(counts.compacted).toBeGreaterThan(0);
  expect(counts.merged).toBeGreaterThan(100);
});

it('finds a code that very many pictures have', () => {
  const table = new KeypointTable();
  const query = randomKeypoints(random(2), 3);
  for (let row = 0; row < 20_000; row++) table.append(query);
  for (const found of look(table, query)) expect(found.length).toBe(20_000);
  table.dispose();
});

it('needs little more than 16 bytes for each keypoint of a large collection', () => {
  const table = new KeypointTable();
  const keypoints = randomKeypoints(random(1), KEPT_KEYPOINTS);
  for (let row = 0; row < 30_000; row++) table.append(keypoints);
  table.find(probesOf(keypoints, false).slice(0, 1), new CodeHits());
  expect(table.bytes / 30_000 / KEPT_KEYPOINTS).toBeLessThan(17.5);
  table.dispose();
});

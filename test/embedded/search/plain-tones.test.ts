import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PlainTones } from '#src/embedded/search/plain-tones.js';
import { random } from '../hashes.js';

const SIDE = 16;
const CELLS = SIDE * SIDE;

/** Some bases turned, mirrored, and off by a little, so that many are alike and some are just not. */
function tonesOf(next: () => number, bases: readonly Uint8Array[]): Uint8Array {
  const base = bases[Math.floor(next() * bases.length)]!;
  const off = Math.floor(next() * 7);
  const tones = turned(base, Math.floor(next() * 8)).map((tone) => tone + Math.floor(next() * (off + 1)));
  const isOneFar = next() < 0.2;
  if (isOneFar) tones[Math.floor(next() * CELLS)]! += 6;
  return Uint8Array.from([...tones, ...[128, 120].map((colour) => colour + Math.floor(next() * 5))]);
}

/** In one of the eight ways: by a quarter, by half, mirrored. */
function turned(tones: Uint8Array, way: number): Uint8Array {
  const last = SIDE - 1;
  return Uint8Array.from({ length: CELLS }, (_, at) => {
    let [x, y] = [at % SIDE, Math.floor(at / SIDE)];
    if (way & 1) x = last - x;
    if (way & 2) y = last - y;
    if (way & 4) [x, y] = [y, x];
    return tones[y * SIDE + x]!;
  });
}

/** The rule in plain words: no colour differs by more than 3, nor a cell by more than 5; the rank is the mean difference. */
function plainRank(one: Uint8Array, other: Uint8Array): number | null {
  const colours = [CELLS, CELLS + 1].map((at) => Math.abs(one[at]! - other[at]!));
  if (Math.max(...colours) > 3) return null;
  const sums = Array.from({ length: 8 }, (_, way) => {
    const differences = [...turned(one, way)].map((tone, cell) => Math.abs(tone - other[cell]!));
    return Math.max(...differences) > 5 ? null : differences.reduce((sum, each) => sum + each, 0);
  }).filter((sum) => sum !== null);
  return sums.length === 0 ? null : 1 + Math.round((66 * Math.min(...sums)) / (CELLS * 5));
}

it('finds what is alike however it is turned, while pictures come and go', () => {
  const counts = { found: 0, missed: 0 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const next = random(seed);
      const bases = Array.from({ length: 3 }, () => {
        const [tone, slope] = [40 + Math.floor(next() * 20), next() * 4];
        return Uint8Array.from({ length: CELLS }, (_, at) => tone + slope * (at % SIDE));
      });
      const tones = new PlainTones();
      const model = new Map<number, Uint8Array>();
      for (let step = 0; step < 150; step++) {
        const key = Math.floor(next() * 100);
        tones.delete(key);
        model.delete(key);
        if (next() < 0.3) continue;
        model.set(key, tonesOf(next, bases));
        tones.add(key, model.get(key)!);
      }
      const query = tonesOf(next, bases);
      const found = new Map<number, number>();
      tones.search(query, (key, rank) => found.set(key, rank));
      for (const [key, other] of model) {
        expect(found.get(key) ?? null).toBe(plainRank(query, other));
        counts[found.has(key) ? 'found' : 'missed']++;
      }
      expect([...found.keys()].filter((key) => !model.has(key))).toEqual([]);
    }),
    { numRuns: 60 },
  );
  expect(Math.min(counts.found, counts.missed)).toBeGreaterThan(200);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowSet } from '#src/embedded/keypoints/row-set.js';
import { random } from '../hashes.js';

it('has the rows that came since it was emptied, in their order, however often that was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(400, 1000, 2 ** 32 - 1), (seed, most) => {
      const next = random(seed);
      const set = new RowSet(most);
      let rows = 0;
      for (let round = 0; round < 40; round++) {
        rows = Math.min(300, rows + Math.floor(next() * 20));
        set.clear(rows);
        const there: number[] = [];
        for (let left = rows * next() * 2; left >= 1; left--) {
          const row = Math.floor(next() * rows);
          if (!there.includes(row)) there.push(row);
          expect(set.add(row)).toBe(there.indexOf(row));
        }
        expect(set.size).toBe(there.length);
        for (let row = 0; row < rows; row++)
          expect(set.get(row)).toBe(there.includes(row) ? there.indexOf(row) : undefined);
        for (const [place, row] of there.entries()) expect(set.rowOf(place)).toBe(row);
      }
    }),
    { numRuns: 30 },
  );
});

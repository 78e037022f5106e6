import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowMarks } from '#src/embedded/keypoints/row-marks.js';
import { random } from '../hashes.js';

it('has the rows that were marked since all marks were taken away, however many rows there are by then', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const next = random(seed);
      const marks = new RowMarks();
      let rows = 0;
      for (let round = 0; round < 20; round++) {
        rows += Math.floor(next() * 30);
        marks.clear(rows);
        const marked = new Set<number>();
        for (let step = 0; step < 2 * rows; step++) {
          const row = Math.floor(next() * rows);
          if (next() < 0.6) {
            expect(marks.add(row)).toBe(!marked.has(row));
            marked.add(row);
          } else expect(marks.delete(row)).toBe(marked.delete(row));
        }
      }
    }),
    { numRuns: 20 },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { justify, rowOf } from '../../src/gallery/grid/justify.js';
import { moved } from '../../src/gallery/grid/keys.js';

const aspects = fc.array(fc.double({ min: 1 / 3, max: 3, noNaN: true }), { maxLength: 200 });
const measures = fc.record({
  width: fc.integer({ min: 300, max: 3000 }),
  height: fc.integer({ min: 60, max: 500 }),
  gap: fc.constant(6),
});
/** Each picture is at most three times as wide as high, so that two at least fit into a row of this height. */
const isUsual = ({ width, height }: { width: number; height: number }) => width >= height * 6;

describe('rows of pictures', () => {
  it('hold each picture once, in order, and fill the width, but for the last', () => {
    fc.assert(
      fc.property(aspects, measures.filter(isUsual), (all, { width, height, gap }) => {
        const rows = justify(all, { width, height, gap });
        expect(rows.flatMap(({ start, end }) => all.slice(start, end))).toEqual(all);
        for (const [index, row] of rows.entries()) {
          const widths = all.slice(row.start, row.end).map((aspect) => aspect * row.height);
          const filled = widths.reduce((sum, each) => sum + each, gap * (widths.length - 1));
          expect(filled).toBeLessThanOrEqual(width + 1e-6);
          if (index < rows.length - 1) expect(filled).toBeCloseTo(width, 6);
          expect(row.height / height).toBeLessThan(2);
          expect(row.height / height).toBeGreaterThan(0.5);
        }
      }),
    );
  });

  it('are found by any of their pictures', () => {
    fc.assert(
      fc.property(aspects, measures, (all, given) => {
        const rows = justify(all, given);
        for (const [index, { start, end }] of rows.entries())
          for (let picture = start; picture < end; picture++) expect(rowOf(rows, picture)).toBe(index);
      }),
    );
  });

  it('are walked by arrows: up and down come to the next row, left and right to the next picture', () => {
    fc.assert(
      fc.property(
        aspects.filter(({ length }) => length > 0),
        measures,
        fc.nat(),
        (all, given, number) => {
          const rows = justify(all, given);
          const from = number % all.length;
          const row = rowOf(rows, from);
          const to = (key: string) => moved(key, from, rows, all)!;
          expect(rowOf(rows, to('ArrowDown'))).toBe(Math.min(row + 1, rows.length - 1));
          expect(rowOf(rows, to('ArrowUp'))).toBe(Math.max(row - 1, 0));
          expect(to('ArrowRight')).toBe(Math.min(from + 1, all.length - 1));
          expect(to('ArrowLeft')).toBe(Math.max(from - 1, 0));
          expect(moved('q', from, rows, all)).toBeNull();
        },
      ),
    );
  });
});

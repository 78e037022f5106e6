import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowTable } from '#src/embedded/row-table.js';

test('a table of rows is as a map from their keys, while rows come, move and go', () => {
  const key = fc.oneof(
    fc.integer({ min: 0, max: 40 }),
    fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER),
  );
  let deleted = 0;
  fc.assert(
    fc.property(
      fc.array(fc.record({ key, deletes: fc.boolean() }), { maxLength: 120, size: 'max' }),
      (steps) => {
        const keys: number[] = [];
        const table = new RowTable((row) => keys[row]!);
        const model = new Map<number, number>();
        for (const { key, deletes } of steps) {
          if (deletes) {
            table.delete(key);
            if (model.delete(key)) deleted++;
          } else {
            const row = keys.push(key) - 1;
            table.set(key, row);
            model.set(key, row);
          }
          expect(table.size).toBe(model.size);
        }
        for (const { key } of steps) expect(table.get(key)).toBe(model.get(key));
        table.clear();
        for (const { key } of steps) expect(table.get(key)).toBeUndefined();
      },
    ),
    { numRuns: 100 },
  );
  expect(deleted).toBeGreaterThan(500);
});

test('a large table needs at most 12 bytes a row', () => {
  const table = new RowTable((row) => 3 * row);
  for (let row = 0; row < 50_000; row++) table.set(3 * row, row);
  expect(table.bytes / 50_000).toBeLessThanOrEqual(12);
  for (let row = 0; row < 50_000; row += 997) expect(table.get(3 * row)).toBe(row);
});

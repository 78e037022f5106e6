import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberList } from '#src/embedded/number-list.js';

test('a list of numbers is as an array, while some come, change and go', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push'), count: fc.integer({ min: 1, max: 10_000 }) }),
    fc.record({
      kind: fc.constantFrom('set', 'truncate'),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12, size: 'max' }), fc.boolean(), (steps, isWide) => {
      const list = new NumberList(isWide ? Float64Array : Uint32Array);
      let model: number[] = [];
      let next = isWide ? Number.MAX_SAFE_INTEGER : 2 ** 32 - 1;
      for (const each of steps) {
        if ('count' in each) {
          for (let i = 0; i < each.count; i++) {
            list.push(next);
            model.push(next--);
          }
        } else if (each.kind === 'truncate') {
          const count = Math.floor(each.share * model.length);
          list.truncate(count);
          model = model.slice(0, count);
        } else if (model.length > 0) {
          const place = Math.min(model.length - 1, Math.floor(each.share * model.length));
          list.set(place, next);
          model[place] = next--;
        }
        expect(list.count).toBe(model.length);
      }
      expect(model.map((_, place) => list.at(place))).toEqual(model);
    }),
    { numRuns: 50 },
  );
});

test('a long list leaves less than 64 KiB unused', () => {
  const list = new NumberList(Uint32Array);
  for (let i = 0; i < 100_000; i++) list.push(i);
  expect(list.bytes).toBeLessThan(400_000 + 2 ** 16);
  list.truncate(0);
  expect(list.bytes).toBe(0);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { haveEqualBytes } from './equal-bytes.js';

/** As `expect` compares bytes by itself. */
const areEqual = (one: Uint8Array, other: Uint8Array) =>
  one.constructor === other.constructor && [...one].join() === [...other].join();

const bytes = fc.uint8Array({ maxLength: 3, max: 2 });
const someBytes = fc.oneof(
  bytes,
  bytes.map((each) => Buffer.from(each)),
);

it('finds the same bytes equal that are equal one by one', () => {
  let equal = 0;
  fc.assert(
    fc.property(someBytes, someBytes, (one, other) => {
      const wanted = areEqual(one, other);
      if (wanted) equal++;
      expect(haveEqualBytes(one, other) ?? false).toBe(wanted);
      const to = (wants: unknown) => (wanted ? expect(one) : expect(one).not).toEqual(wants);
      to(other);
    }),
    { numRuns: 1000 },
  );
  expect(equal).toBeGreaterThan(10);
});

it('leaves other values to expect', () => {
  for (const [one, other] of [
    [Uint8Array.of(1), [1]],
    [Uint16Array.of(1), Uint16Array.of(1)],
    ['a', 'a'],
  ])
    expect(haveEqualBytes(one, other)).toBeUndefined();
});

it('is used by expect, however deep the bytes are', () => {
  const large = Buffer.alloc(100_000_000);
  const same = Buffer.alloc(100_000_000);
  // One by one this would take minutes.
  expect(large).toEqual(same);
  expect({ many: [large] }).toEqual({ many: [same] });
  expect({ many: [large], more: 1 }).toMatchObject({ many: [same] });
  expect(large).toStrictEqual(same);
});

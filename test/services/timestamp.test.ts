import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRfc3339 } from '#src/services/timestamp.js';

const digits = (count: number) =>
  fc.integer({ min: 0, max: 10 ** count - 1 }).map((n) => String(n).padStart(count, '0'));
const near = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
const clock = fc.tuple(
  digits(4),
  near(13),
  near(32),
  fc.constantFrom('T', 't', ' '),
  near(25),
  near(61),
  near(61),
);
const fraction = fc.oneof(
  fc.constant(''),
  fc
    .integer({ min: 1, max: 10 })
    .chain(digits)
    .map((text) => `.${text}`),
);

it('a time in UTC is read alike with Z and with an offset of zero', () => {
  fc.assert(
    fc.property(clock, fraction, ([year, month, day, t, hour, minute, second], fraction) => {
      const text = `${year}-${month}-${day}${t}${hour}:${minute}:${second}${fraction}`;
      const read = parseRfc3339(`${text}+00:00`);
      expect(parseRfc3339(`${text}Z`)).toBe(read);
      expect(parseRfc3339(`${text}z`)).toBe(read);
    }),
  );
});

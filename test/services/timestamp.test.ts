import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  formatRfc3339,
  microsecondAfter,
  parseRfc3339,
  parseUtc,
  timestamp,
} from '#src/services/timestamp.js';

type Clock = [number, number, number, number, number, number];

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
/** Without a zone, and perhaps of no day or hour that there is. */
const plain = fc
  .tuple(clock, fraction)
  .map(
    ([[year, month, day, t, hour, minute, second], fraction]) =>
      `${year}-${month}-${day}${t}${hour}:${minute}:${second}${fraction}`,
  );
const zone = fc.constantFrom('Z', 'z', '+00:00', '-00:00', '+02:30', '-12:00', '+24:00', '+1:00', ' ', '\n');

it('a time in UTC is read alike with Z and with an offset of zero', () => {
  fc.assert(
    fc.property(plain, (text) => {
      const read = parseRfc3339(`${text}+00:00`);
      expect(parseRfc3339(`${text}Z`)).toBe(read);
      expect(parseRfc3339(`${text}z`)).toBe(read);
    }),
  );
});

it('a time without a zone is read as one in UTC, and one with a zone as it says', () => {
  fc.assert(
    fc.property(plain, zone, (text, zone) => {
      expect(parseUtc(text)).toBe(parseRfc3339(`${text}+00:00`));
      expect(parseUtc(text + zone)).toBe(parseRfc3339(text + zone));
      expect(parseRfc3339(text)).toBeNull();
    }),
  );
});

const PARTS = /^(\d{4})-(\d\d)-(\d\d).(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/;

it('the digits of a time are read as they stand, up to microseconds', () => {
  fc.assert(
    fc.property(plain, (text) => {
      const [, ...parts] = PARTS.exec(text) ?? [];
      const [year, month, day, hour, minute, second, digits] = parts.map((part) => part ?? '');
      const isTime = timestamp([year, month, day, hour, minute, second].map(Number) as Clock) !== null;
      const microseconds = digits?.padEnd(6, '0').slice(0, 6);
      const expected = `${year}-${month}-${day}T${hour}:${minute}:${second}.${microseconds}Z`;
      expect(parseUtc(text)).toBe(isTime ? expected : null);
    }),
  );
});

it.each([
  ['2024-02-29T00:00:00', '2024-02-29T00:00:00.000000Z'],
  ['2023-02-29T00:00:00', null],
  ['2024-02-30T00:00:00', null],
  ['2024-12-31t23:59:59.999999999', '2024-12-31T23:59:59.999999Z'],
  ['2016-12-31T23:59:60', null],
  ['0000-01-01T00:00:00', null],
  ['0001-01-01 00:00:00.1', '0001-01-01T00:00:00.100000Z'],
  ['2024-01-01T00:00:00.', null],
  ['2024-01-01T00:00:00ZZ', null],
  ['', null],
])('%j without a zone is read as %j', (text, expected) => {
  expect(parseUtc(text)).toBe(expected);
});

it('a time is written in its shortest form, which is read as the same', () => {
  const instant = fc
    .tuple(
      fc.date({ min: new Date('0001-01-01Z'), max: new Date('9999-12-31Z'), noInvalidDate: true }),
      fraction,
    )
    .map(([date, fraction]) => parseUtc(date.toISOString().slice(0, 19) + fraction))
    .filter((time) => time !== null);
  fc.assert(
    fc.property(instant, (time) => {
      const text = formatRfc3339(time);
      expect(text).toBe(time.replace(/\.?0*Z$/, 'Z'));
      expect(parseRfc3339(text)).toBe(time);
    }),
  );
});

it.each([
  ['2024-01-01T00:00:00.000000Z', '2024-01-01T00:00:00Z'],
  ['2024-01-01T00:00:10.000000Z', '2024-01-01T00:00:10Z'],
  ['2024-01-01T00:00:00.100000Z', '2024-01-01T00:00:00.1Z'],
  ['2024-01-01T00:00:00.000001Z', '2024-01-01T00:00:00.000001Z'],
])('%s is written as %s', (time, text) => {
  expect(formatRfc3339(time)).toBe(text);
});

it.each([
  ['2024-01-01T00:00:00.000000Z', '2024-01-01T00:00:00.000001Z'],
  ['2024-02-28T23:59:59.999999Z', '2024-02-29T00:00:00.000000Z'],
  ['0001-12-31T23:59:59.999999Z', '0002-01-01T00:00:00.000000Z'],
  ['9999-12-31T23:59:59.999998Z', '9999-12-31T23:59:59.999999Z'],
  ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
])('The microsecond behind %s is %s', (time, next) => {
  expect(microsecondAfter(time)).toBe(next);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatWireTime, parseLookupTime } from '#src/protocols/imgcache/times.js';
import { timestamp } from '#src/services/timestamp.js';

/** With what `datetime.fromisoformat` of Python 3.13 makes of each, converted to UTC. */
const ACCEPTED = [
  ['2024-01-01', '2024-01-01T00:00:00'],
  ['20240101', '2024-01-01T00:00:00'],
  ['2024-01-01T10', '2024-01-01T10:00:00'],
  ['2024-01-01T10:20', '2024-01-01T10:20:00'],
  ['2024-01-01T1020', '2024-01-01T10:20:00'],
  ['2024-01-01 10:20:30', '2024-01-01T10:20:30'],
  ['20240101T102030', '2024-01-01T10:20:30'],
  ['2024-01-01x10:20:30', '2024-01-01T10:20:30'],
  ['2024-01-01日10:20:30', '2024-01-01T10:20:30'],
  ['2024-W01-1', '2024-01-01T00:00:00'],
  ['2024-W01', '2024-01-01T00:00:00'],
  ['2024W01', '2024-01-01T00:00:00'],
  ['2024W012', '2024-01-02T00:00:00'],
  ['2020-W53-7', '2021-01-03T00:00:00'],
  ['2024-W01-12', '2024-01-01T12:00:00'],
  ['2024-W01-1T12:30', '2024-01-01T12:30:00'],
  ['2024W01T1230', '2024-01-01T12:30:00'],
  ['2024-02-29T23:59:59', '2024-02-29T23:59:59'],
  ['2024-01-01T10:20:30.5', '2024-01-01T10:20:30.500000'],
  ['2024-01-01T10:20:30,5', '2024-01-01T10:20:30.500000'],
  ['2024-01-01T10:20:30.123456', '2024-01-01T10:20:30.123456'],
  ['2024-01-01T10:20:30.1234567891234567', '2024-01-01T10:20:30.123456'],
  ['20240101T102030.25', '2024-01-01T10:20:30.250000'],
  ['2024-01-01T10:20:30Z', '2024-01-01T10:20:30'],
  ['2024-01-01T10Z', '2024-01-01T10:00:00'],
  ['2024-01-01T10:20:30+02:00', '2024-01-01T08:20:30'],
  ['2024-01-01T10:20:30-0830', '2024-01-01T18:50:30'],
  ['2024-01-01T10:20:30+02', '2024-01-01T08:20:30'],
  ['2024-01-01T10:20:30+02:00:30', '2024-01-01T08:20:00'],
  ['2024-01-01T10:20:30+020030', '2024-01-01T08:20:00'],
  ['2024-01-01T10:20:30.5+02:00:30.25', '2024-01-01T08:20:00.250000'],
  ['2024-01-01T10:20:30-23:59:59.999999', '2024-01-02T10:20:29.999999'],
  ['2024-01-01T10:20:30+00:99', '2024-01-01T08:41:30'],
  ['2024-01-01T10:20:30-00:00', '2024-01-01T10:20:30'],
  ['0001-01-01T00:00:00', '0001-01-01T00:00:00'],
  ['0001-01-01T00:00:00-00:01', '0001-01-01T00:01:00'],
  ['9999-12-31T23:59:59.999999', '9999-12-31T23:59:59.999999'],
  ['1969-12-31T23:59:59.999999+00:00:01', '1969-12-31T23:59:58.999999'],
  ['9999-12-31T23:59:59.999999+14:00', '9999-12-31T09:59:59.999999'],
  ['2024-W52-7T23:00-02:00', '2024-12-30T01:00:00'],
] as const;

/** Python 3.13 refuses these as well. */
const REFUSED = [
  'yesterday',
  '1704067200',
  '1704067200.5',
  'Mon, 01 Jan 2024 00:00:00 GMT',
  ' 2024-01-01T00:00:00',
  '2024-01-01T00:00:00 ',
  '2024-13-01T00:00:00',
  '2024-02-30',
  '2023-02-29',
  '2024-00-10',
  '0000-01-01',
  '2024-1-1',
  '202-01-01',
  '2024-0101',
  '202401-01',
  '2024-W00-1',
  '2024-W54-1',
  '2021-W53-1',
  '2024-W10-8',
  '2024-W10-0',
  '2024W01-1',
  '2024-W011',
  '2024-01-01T24:00:00',
  '2024-01-01T23:60',
  '2024-01-01T23:59:60',
  '2024-01-01T1',
  '2024-01-01T10:2',
  '2024-01-01T10:2030',
  '2024-01-01T1020:30',
  '2024-01-01T10:20:30.',
  '2024-01-01T10:20:30.a',
  '2024-01-01T10:20:30.1234567a',
  '2024-01-01T10:20:30+2',
  '2024-01-01T10:20:30+',
  '2024-01-01T10:20:30+24:00',
  '2024-01-01T10:20:30+23:60',
  '2024-01-01T10:20:30z',
  '2024-01-01T10:20:30Z+02:00',
  '2024-01-01T10:20:30+02:00Z',
  '２０２４-01-01',
  '-2024-01-01',
  '+2024-01-01',
];

describe('parseLookupTime', () => {
  it.each(ACCEPTED)('reads %s as Python does', (text, expected) => {
    const time = parseLookupTime(text);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(formatWireTime(time!)).toBe(expected);
  });

  it.each(REFUSED)('refuses %j', (text) => {
    expect(parseLookupTime(text)).toBeNull();
  });

  it('refuses an instant outside of the years 1 to 9999', () => {
    expect(parseLookupTime('0001-01-01T00:00:00+00:01')).toBeNull();
    expect(parseLookupTime('9999-12-31T23:59:59-00:01')).toBeNull();
  });

  it('refuses a long text at once', () => {
    expect(parseLookupTime(`2024-01-01T10:20:30.${'1'.repeat(1_000_000)}x`)).toBeNull();
  });

  it('reads back what is written, in every offset', () => {
    const numbers = fc.tuple(
      fc.integer({ min: 2, max: 9998 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 28 }),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
      fc.integer({ min: 0, max: 59 }),
    );
    const microseconds = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999 }));
    const offset = fc.integer({ min: -1439, max: 1439 });
    fc.assert(
      fc.property(numbers, microseconds, offset, (parts, fraction, minutes) => {
        const utc = timestamp(parts, fraction)!;
        expect(parseLookupTime(formatWireTime(utc))).toBe(utc);
        const sign = minutes < 0 ? '-' : '+';
        const clock = timestamp([2000, 1, 1, 0, 0, 0], 0, -Math.abs(minutes))!.slice(11, 16);
        const expected = timestamp(parts, fraction, minutes);
        expect(parseLookupTime(`${formatWireTime(utc)}${sign}${clock}`)).toBe(expected);
      }),
    );
  });
});

describe('formatWireTime', () => {
  it('writes no fraction, or six digits, and no zone', () => {
    expect(formatWireTime('2024-01-01T00:00:00.000000Z')).toBe('2024-01-01T00:00:00');
    expect(formatWireTime('2024-01-01T00:00:00.500000Z')).toBe('2024-01-01T00:00:00.500000');
    expect(formatWireTime('2024-01-01T00:00:00.000001Z')).toBe('2024-01-01T00:00:00.000001');
  });
});

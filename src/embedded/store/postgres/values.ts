import pg from 'pg';
import type { Timestamp } from '../../../services/timestamp.js';

/*
 * How values of PostgreSQL become values of the store. Sequence numbers, sizes and counts are numbers: none comes near
 * 2^53. Times keep their microseconds, which a Date would lose.
 */

const { builtins } = pg.types;

const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [builtins.INT8, Number],
  [builtins.NUMERIC, Number],
  [builtins.TIMESTAMPTZ, toTimestamp],
]);

/** The parsers of the connections of a store, in the form that `pg` asks for. */
export const valueTypes: pg.CustomTypesConfig = {
  getTypeParser(type: number, format?: 'text' | 'binary') {
    const parser = format === 'binary' ? undefined : PARSERS.get(type);
    return parser ?? pg.types.getTypeParser(type, format);
  },
};

const IN_UTC = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/;
const IN_ANY_ZONE =
  /^(\d{4,5})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/;

/** Reads a time in whatever zone the database's settings give it in. */
export function toTimestamp(text: string): Timestamp {
  const utc = IN_UTC.exec(text);
  if (utc) return `${utc[1]}T${utc[2]}.${(utc[3] ?? '').padEnd(6, '0')}Z`;
  const parts = IN_ANY_ZONE.exec(text);
  if (!parts) throw new Error(`The database gives times in a form that is not ISO 8601: ${text}`);
  const [, year, month, day, hour, minute, second, fraction = '', sign, ...zone] = parts;
  const date = new Date(0);
  // The year before the year 1 is the year 1 BC, where a zone is behind UTC.
  date.setUTCFullYear(parts[12] ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const [hours, minutes = 0, seconds = 0] = zone.slice(0, 3).map((part) => Number(part ?? 0));
  const offset = (sign === '-' ? -1000 : 1000) * (3600 * hours! + 60 * minutes + seconds);
  date.setTime(date.getTime() - offset);
  return `${date.toISOString().slice(0, 19)}.${fraction.padEnd(6, '0')}Z`;
}

/** The same place in an order: no stored text has a NUL, and no text with one can be sent. */
export function upToNul(text: string): string {
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

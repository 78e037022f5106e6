/**
 * An instant in UTC with microseconds, always of the form `2024-01-01T00:00:00.000000Z`, years 0001 to 9999:
 * text that sorts by time in every database.
 */
export type Timestamp = string;

/** The lengths of a Timestamp up to its seconds and up to its microseconds. */
const SECONDS_END = 19;
const MICROSECONDS_END = 26;

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):(\d\d))$/;

/** Valid times without a zone, but for those of a 29 February: services give times by the thousand, and these need no calendar. */
const PLAIN =
  /^(?!0000)\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)[Tt ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?$/;

/** Reads an RFC 3339 time with its zone. Digits beyond microseconds are cut. Null when it is none. */
export function parseRfc3339(text: string): Timestamp | null {
  const isUtc = text.endsWith('Z') || text.endsWith('z');
  return (isUtc && readPlain(text.slice(0, -1))) || readZoned(text);
}

/** Reads an RFC 3339 time, where one without a zone is in UTC. */
export function parseUtc(text: string): Timestamp | null {
  return readPlain(text) ?? readZoned(`${text}Z`) ?? parseRfc3339(text);
}

function readZoned(text: string): Timestamp | null {
  const match = RFC3339.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction, , sign, zoneHour, zoneMinute] = match;
  const offset = sign ? (sign === '-' ? -1 : 1) * (Number(zoneHour) * 60 + Number(zoneMinute)) : 0;
  if (Number(zoneHour ?? 0) > 23 || Number(zoneMinute ?? 0) > 59) return null;
  return timestamp(
    [Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second)],
    Number(microseconds(fraction ?? '')),
    offset,
  );
}

/** Reads a time that PLAIN has; null for others. */
function readPlain(text: string): Timestamp | null {
  if (!PLAIN.test(text)) return null;
  const time = text.length === MICROSECONDS_END ? text : toMicroseconds(text);
  return text[10] === 'T' ? `${time}Z` : `${time.slice(0, 10)}T${time.slice(11)}Z`;
}

function toMicroseconds(plain: string): string {
  const fraction = plain.length === SECONDS_END ? `${plain}.` : plain;
  return fraction.slice(0, MICROSECONDS_END).padEnd(MICROSECONDS_END, '0');
}

function microseconds(fraction: string): string {
  return fraction.padEnd(6, '0').slice(0, 6);
}

/**
 * @param parts year, month (1 to 12), day, hour, minute, second
 * @param offsetMinutes how far the given clock is ahead of UTC
 * @returns null when there is no such date or time
 */
export function timestamp(
  [year, month, day, hour, minute, second]: readonly [number, number, number, number, number, number],
  microsecond = 0,
  offsetMinutes = 0,
): Timestamp | null {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const exists =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  if (!exists) return null;
  date.setTime(date.getTime() - offsetMinutes * 60_000);
  const utcYear = date.getUTCFullYear();
  if (utcYear < 1 || utcYear > 9999) return null;
  return `${date.toISOString().slice(0, 19)}.${String(microsecond).padStart(6, '0')}Z`;
}

/** The shortest exact form: `2024-01-01T00:00:00Z`, with fraction digits only where there are any. */
export function formatRfc3339(time: Timestamp): string {
  let end = MICROSECONDS_END;
  while (time[end - 1] === '0' && end > SECONDS_END) end--;
  if (end === MICROSECONDS_END) return time;
  return `${time.slice(0, end === SECONDS_END + 1 ? SECONDS_END : end)}Z`;
}

/** The next microsecond; the last one of all has none behind it, and is its own. */
export function microsecondAfter(time: Timestamp): Timestamp {
  const seconds = time.slice(0, SECONDS_END);
  const microsecond = Number(time.slice(SECONDS_END + 1, MICROSECONDS_END)) + 1;
  if (microsecond < 1_000_000) return `${seconds}.${String(microsecond).padStart(6, '0')}Z`;
  const next = new Date(Date.parse(`${seconds}Z`) + 1000);
  return next.getUTCFullYear() > 9999 ? time : `${next.toISOString().slice(0, SECONDS_END)}.000000Z`;
}

let last = 0n;

/** Now, and later than any result before in this process, so that things sort in the order of their creation. */
export function now(): Timestamp {
  const clock = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
  last = clock > last ? clock : last + 1n;
  const iso = new Date(Number(last / 1000n)).toISOString();
  return `${iso.slice(0, 23)}${String(last % 1000n).padStart(3, '0')}Z`;
}

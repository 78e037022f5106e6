import { type Timestamp, timestamp } from '../../services/timestamp.js';

const CALENDAR_DATE = /^(\d{4})(-?)(\d\d)\2(\d\d)(?:.(.+))?$/su;
/** A day is only taken where no second digit follows: `2024-W01-12` is a week and twelve o'clock. */
const WEEK_DATE = /^(\d{4})(-?)W(\d\d)(?:\2(\d)(?!\d))?(?:.(.+))?$/su;
/** Hours, minutes, seconds and a fraction of a second: for the time of day, and again for its offset from UTC. */
const TIME =
  /^(\d\d)(?:(:?)(\d\d)(?:\2(\d\d))?)?(?:[.,](\d+))?(?:Z|([+-])(\d\d)(?:(:?)(\d\d)(?:\8(\d\d))?)?(?:[.,](\d+))?)?$/;

const MICROSECONDS_A_DAY = 86_400_000_000n;

/**
 * Reads a time of a request: every form that Python 3.13's `datetime.fromisoformat` takes, such as `2024-01-01`,
 * `20240101T120000`, `2024-W01-1` or `2024-01-01 12:00:00,5+02:00`. Without an offset it is UTC. Digits beyond
 * microseconds are cut. Null when it is none of these, and when the instant lies outside of the years 1 to 9999.
 */
export function parseWireTime(text: string): Timestamp | null {
  const day = parseCalendarDate(text) ?? parseWeekDate(text);
  if (!day) return null;
  const clock = TIME.exec(day.time ?? '00');
  if (!clock) return null;
  const [, hour, , minute = 0, second = 0, fraction, sign, ...offset] = clock;
  const local = timestamp(
    [day.year, day.month, day.day, Number(hour), Number(minute), Number(second)],
    Number(toMicroseconds(fraction)),
  );
  if (!local || !sign) return local;
  const ahead = offsetMicroseconds(offset);
  if (ahead >= MICROSECONDS_A_DAY) return null;
  return shifted(local, sign === '-' ? ahead : -ahead);
}

/** A time as the original writes it: ISO without a zone, in UTC, with no fraction digits or with six. */
export function formatWireTime(time: Timestamp): string {
  return time.replace(/(?:\.000000)?Z$/, '');
}

interface Day {
  year: number;
  month: number;
  day: number;
  /** The text behind the separator. */
  time: string | undefined;
}

function parseCalendarDate(text: string): Day | null {
  const match = CALENDAR_DATE.exec(text);
  if (!match) return null;
  return { year: Number(match[1]), month: Number(match[3]), day: Number(match[4]), time: match[5] };
}

function parseWeekDate(text: string): Day | null {
  const match = WEEK_DATE.exec(text);
  if (!match) return null;
  const [year, week, weekday] = [Number(match[1]), Number(match[3]), Number(match[4] ?? 1)];
  if (year < 1 || week < 1 || week > weeksOf(year) || weekday < 1 || weekday > 7) return null;
  const date = mondayOfFirstWeek(year);
  date.setUTCDate(date.getUTCDate() + (week - 1) * 7 + weekday - 1);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    time: match[5],
  };
}

/** The first week of an ISO year is the one that holds 4 January. */
function mondayOfFirstWeek(year: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, 0, 4);
  date.setUTCDate(4 - ((date.getUTCDay() + 6) % 7));
  return date;
}

function weeksOf(year: number): number {
  return Math.round(
    (mondayOfFirstWeek(year + 1).getTime() - mondayOfFirstWeek(year).getTime()) / 604_800_000,
  );
}

function offsetMicroseconds([hours, , minutes = '0', seconds = '0', fraction]: (
  | string
  | undefined
)[]): bigint {
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return BigInt(whole) * 1_000_000n + toMicroseconds(fraction);
}

function toMicroseconds(fraction = ''): bigint {
  return BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

function shifted(time: Timestamp, by: bigint): Timestamp | null {
  const instant = BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1000n + BigInt(time.slice(20, 26)) + by;
  const second = (instant - (((instant % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n;
  const date = new Date(Number(second) * 1000);
  return timestamp(
    [
      date.getUTCFullYear(),
      date.getUTCMonth() + 1,
      date.getUTCDate(),
      date.getUTCHours(),
      date.getUTCMinutes(),
      date.getUTCSeconds(),
    ],
    Number(instant - second * 1_000_000n),
  );
}

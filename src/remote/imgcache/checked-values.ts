import type { StoreStatus } from '../../services/entry-origin.js';
import { isPerceptualHash } from '../../services/hamming-distance.js';
import { parseUtc } from '../../services/timestamp.js';

const MAX_INT = 2 ** 31 - 1;

/** Whether a value is a number of things. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Whether a value is a number of pixels or null; it must fit GraphQL's Int. */
export function isDimension(value: unknown): value is number | null {
  return value === null || (isCount(value) && value <= MAX_INT);
}

export function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

/** @throws Error when the value is neither a perceptual hash nor null */
export function decodePerceptualHash(value: unknown): string | null {
  if (value === null || (typeof value === 'string' && isPerceptualHash(value))) return value;
  throw undocumented();
}

/** @throws Error when the value is no list of one or more texts */
export function decodeUrls(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0 && value.every((url) => typeof url === 'string')) return value;
  throw undocumented();
}

/** @throws Error when the value is no time */
export function decodeTime(value: unknown): string {
  const time = typeof value === 'string' ? parseUtc(value) : null;
  if (time === null) throw undocumented();
  return time;
}

const STATUSES: ReadonlySet<unknown> = new Set(['CREATED', 'URL_ADDED', 'UNCHANGED'] satisfies StoreStatus[]);

/** The effect of a store, as far as the response tells; the originals show only by its HTTP status that the bytes are new. */
export function decodeStatus(value: unknown, isNew: boolean): StoreStatus {
  const { status } = value as { status?: unknown };
  // The set holds nothing else.
  if (STATUSES.has(status)) return status as StoreStatus;
  return isNew ? 'CREATED' : 'UNCHANGED';
}

export function undocumented(): Error {
  return new Error('An entry is not as imgcache documents it.');
}

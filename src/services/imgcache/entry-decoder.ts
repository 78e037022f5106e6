import { isContentHash } from '../content-hash.js';
import { parseRfc3339, type Timestamp } from '../timestamp.js';
import type { Entry } from './api.js';

/** A row as imgcache sends it, of which nothing is known yet. */
type Row = Readonly<Record<string, unknown>>;

/** By hand, because a schema would take longer for the rows of a page than parsing them. */
const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isHash = (value: unknown): value is string => isText(value) && isContentHash(value);
const isPHash = (value: unknown): value is string => isText(value) && isPerceptualHash(value);

/** @throws Error when it is not what imgcache documents; keys that it does not document are ignored */
export function decodeEntry(value: unknown): Entry {
  if (typeof value !== 'object' || value === null) throw new Error('An entry is no object.');
  const row = value as Row;
  const url = field(row, 'url', isText);
  return {
    contentHash: field(row, 'content_hash', isHash),
    url,
    urls: [url],
    contentType: field(row, 'content_type', isText),
    fileSizeBytes: field(row, 'file_size_bytes', isCount),
    originalFilename: nullable(row, 'original_filename', isText),
    width: nullable(row, 'width', isCount),
    height: nullable(row, 'height', isCount),
    perceptualHash: nullable(row, 'perceptual_hash', isPHash),
    clientName: field(row, 'client_name', isText),
    lookupTime: toTimestamp(field(row, 'lookup_time', isText)),
    createdAt: toTimestamp(field(row, 'created_at', isText)),
  };
}

/** @throws Error */
export function decodeEntries(value: unknown): Entry[] {
  if (!Array.isArray(value)) throw new Error('A list of entries is no array.');
  return value.map(decodeEntry);
}

/** Whether a text has the form of a dHash of 64 bits: 16 lower-case hex digits. */
export function isPerceptualHash(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

function field<T>(row: Row, key: string, is: (value: unknown) => value is T): T {
  const value = row[key];
  if (is(value)) return value;
  throw new Error(`${key} of an entry is missing or wrong.`);
}

function nullable<T>(row: Row, key: string, is: (value: unknown) => value is T): T | null {
  return row[key] === null ? null : field(row, key, is);
}

/** imgcache on SQLite gives its times, which are in UTC, without a zone; on a database that keeps zones, with one. */
function toTimestamp(text: string): Timestamp {
  const time = parseRfc3339(`${text}Z`) ?? parseRfc3339(text);
  if (time === null) throw new Error('There is no such time.');
  return time;
}

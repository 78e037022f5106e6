import { isContentHash } from '../content-hash.js';
import { parseRfc3339, type Timestamp } from '../timestamp.js';
import type { Entry } from './api.js';

/** An entry as imgcache sends it. */
interface Row {
  url: string;
  content_hash: string;
  content_type: string;
  file_size_bytes: number;
  original_filename: string | null;
  width: number | null;
  height: number | null;
  perceptual_hash: string | null;
  client_name: string;
  lookup_time: string;
  created_at: string;
}

/** @throws Error when it is not what imgcache documents; keys that it does not document are ignored */
export function decodeEntry(value: unknown): Entry {
  if (!isRow(value)) throw new Error('An entry is not as imgcache documents it.');
  return {
    contentHash: value.content_hash,
    url: value.url,
    urls: [value.url],
    contentType: value.content_type,
    fileSizeBytes: value.file_size_bytes,
    originalFilename: value.original_filename,
    width: value.width,
    height: value.height,
    perceptualHash: value.perceptual_hash,
    clientName: value.client_name,
    lookupTime: toTimestamp(value.lookup_time),
    createdAt: toTimestamp(value.created_at),
  };
}

/** By hand, because a schema would take longer for the rows of a page than parsing them. */
function isRow(value: unknown): value is Row {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as Partial<Record<keyof Row, unknown>>;
  return (
    typeof row.url === 'string' &&
    typeof row.content_hash === 'string' &&
    isContentHash(row.content_hash) &&
    typeof row.content_type === 'string' &&
    isCount(row.file_size_bytes) &&
    (row.original_filename === null || typeof row.original_filename === 'string') &&
    (row.width === null || isCount(row.width)) &&
    (row.height === null || isCount(row.height)) &&
    (row.perceptual_hash === null ||
      (typeof row.perceptual_hash === 'string' && isPerceptualHash(row.perceptual_hash))) &&
    typeof row.client_name === 'string' &&
    typeof row.lookup_time === 'string' &&
    typeof row.created_at === 'string'
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
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

/** imgcache on SQLite gives its times, which are in UTC, without a zone; on a database that keeps zones, with one. */
function toTimestamp(text: string): Timestamp {
  const time = parseRfc3339(`${text}Z`) ?? parseRfc3339(text);
  if (time === null) throw new Error('There is no such time.');
  return time;
}

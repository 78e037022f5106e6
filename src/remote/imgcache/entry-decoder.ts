import { isContentHash } from '../../services/content-hash.js';
import { isHex } from '../../services/hex.js';
import type { Entry, StoreStatus } from '../../services/imgcache.js';
import type { Row } from '../../services/imgcache-row.js';
import { parseUtc } from '../../services/timestamp.js';

const MAX_INT = 2 ** 31 - 1;

/** What may be a row. */
type Unchecked = Partial<Record<keyof Row, unknown>>;

/**
 * By hand, because a schema would take longer for the rows of a page than parsing them.
 * @throws Error when it is not what imgcache documents; keys that it does not document are ignored
 */
export function decodeEntry(value: unknown): Entry {
  if (typeof value !== 'object' || value === null) throw undocumented();
  const row: Unchecked = value;
  const perceptualHash = decodePerceptualHash(row);
  const lookupTime = decodeTime(row.lookup_time);
  const createdAt = decodeTime(row.created_at);
  const urls = decodeUrls(row);
  if (
    typeof row.url !== 'string' ||
    typeof row.content_hash !== 'string' ||
    !isContentHash(row.content_hash) ||
    typeof row.content_type !== 'string' ||
    !isCount(row.file_size_bytes) ||
    !(row.original_filename === null || typeof row.original_filename === 'string') ||
    !isDimension(row.width) ||
    !isDimension(row.height) ||
    typeof row.client_name !== 'string'
  )
    throw undocumented();
  return {
    contentHash: row.content_hash,
    url: row.url,
    contentType: row.content_type,
    fileSizeBytes: row.file_size_bytes,
    originalFilename: row.original_filename,
    width: row.width,
    height: row.height,
    perceptualHash,
    clientName: row.client_name,
    lookupTime,
    createdAt,
    ...(urls !== undefined && { urls }),
  };
}

const STATUSES: ReadonlySet<unknown> = new Set(['CREATED', 'URL_ADDED', 'UNCHANGED'] satisfies StoreStatus[]);

/** What a store did, as far as the answer tells; the original shows only by the HTTP status that the bytes are new. */
export function decodeStatus(value: unknown, isNew: boolean): StoreStatus {
  const { status } = value as Unchecked;
  // The set holds nothing else.
  if (STATUSES.has(status)) return status as StoreStatus;
  return isNew ? 'CREATED' : 'UNCHANGED';
}

/** Whether a text has the form of a dHash of 64 bits: 16 lower-case hex digits. */
export function isPerceptualHash(text: string): boolean {
  return isHex(text, 16);
}

function decodePerceptualHash({ perceptual_hash: hash }: Unchecked): string | null {
  if (hash === null || (typeof hash === 'string' && isPerceptualHash(hash))) return hash;
  throw undocumented();
}

function decodeUrls({ urls, more_urls: more }: Unchecked): readonly string[] | null | undefined {
  if (more === true) return null;
  if (urls === undefined) return undefined;
  if (Array.isArray(urls) && urls.length > 0 && urls.every((url) => typeof url === 'string')) return urls;
  throw undocumented();
}

function decodeTime(value: unknown): string {
  const time = typeof value === 'string' ? parseUtc(value) : null;
  if (time === null) throw undocumented();
  return time;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** In pixels: an Int of GraphQL. */
function isDimension(value: unknown): value is number | null {
  return value === null || (isCount(value) && value <= MAX_INT);
}

function undocumented(): Error {
  return new Error('An entry is not as imgcache documents it.');
}

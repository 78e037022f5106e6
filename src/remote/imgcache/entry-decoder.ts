import { isContentHash } from '../../services/content-hash.js';
import { isPerceptualHash } from '../../services/hamming-distance.js';
import type { Entry, StoreStatus } from '../../services/imgcache.js';
import { parseUtc } from '../../services/timestamp.js';
import type { WireEntry } from '../../services/wire-entry.js';

const MAX_INT = 2 ** 31 - 1;

/** A value that may be an entry: nothing of it is checked yet. */
type Unchecked = Partial<Record<keyof WireEntry, unknown>>;

/**
 * Decodes an entry; by hand, because a schema would take longer for the entries of a page than parsing their JSON.
 * @throws Error when it is not what imgcache documents; keys that it does not document are ignored
 */
export function decodeEntry(value: unknown): Entry {
  if (typeof value !== 'object' || value === null) throw undocumented();
  const entry: Unchecked = value;
  const perceptualHash = decodePerceptualHash(entry);
  const lookupTime = decodeTime(entry.lookup_time);
  const createdAt = decodeTime(entry.created_at);
  const urls = decodeUrls(entry);
  if (
    typeof entry.url !== 'string' ||
    typeof entry.content_hash !== 'string' ||
    !isContentHash(entry.content_hash) ||
    typeof entry.content_type !== 'string' ||
    !isCount(entry.file_size_bytes) ||
    !(entry.original_filename === null || typeof entry.original_filename === 'string') ||
    !isDimension(entry.width) ||
    !isDimension(entry.height) ||
    typeof entry.client_name !== 'string'
  )
    throw undocumented();
  return {
    contentHash: entry.content_hash,
    url: entry.url,
    contentType: entry.content_type,
    fileSizeBytes: entry.file_size_bytes,
    originalFilename: entry.original_filename,
    width: entry.width,
    height: entry.height,
    perceptualHash,
    clientName: entry.client_name,
    lookupTime,
    createdAt,
    ...(urls !== undefined && { urls }),
  };
}

const STATUSES: ReadonlySet<unknown> = new Set(['CREATED', 'URL_ADDED', 'UNCHANGED'] satisfies StoreStatus[]);

/** The effect of a store, as far as the response tells; the original shows only by its HTTP status that the bytes are new. */
export function decodeStatus(value: unknown, isNew: boolean): StoreStatus {
  const { status } = value as Unchecked;
  // The set holds nothing else.
  if (STATUSES.has(status)) return status as StoreStatus;
  return isNew ? 'CREATED' : 'UNCHANGED';
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

/** Whether a value is a number of pixels or null; it must fit GraphQL's Int. */
function isDimension(value: unknown): value is number | null {
  return value === null || (isCount(value) && value <= MAX_INT);
}

function undocumented(): Error {
  return new Error('An entry is not as imgcache documents it.');
}

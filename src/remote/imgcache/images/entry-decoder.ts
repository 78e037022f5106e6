import { isContentHash } from '../../../services/content-hash.js';
import type { Entry } from '../../../services/entry.js';
import type { WireEntry } from '../../../services/wire-entry.js';
import {
  decodePerceptualHash,
  decodeTime,
  decodeUrls,
  isCount,
  isDimension,
  isTextOrNull,
  undocumented,
} from '../checked-values.js';

/** A value that may be an entry: nothing of it is checked yet. */
type Unchecked = Partial<Record<keyof WireEntry, unknown>>;

/**
 * Decodes an entry; by hand, because a schema would take longer for the entries of a page than parsing their JSON.
 * @throws Error when it is not what imgcache documents; keys that it does not document are ignored
 */
export function decodeEntry(value: unknown): Entry {
  if (typeof value !== 'object' || value === null) throw undocumented();
  const entry: Unchecked = value;
  const perceptualHash = decodePerceptualHash(entry.perceptual_hash);
  const lookupTime = decodeTime(entry.lookup_time);
  const createdAt = decodeTime(entry.created_at);
  const urls = urlsOf(entry);
  if (
    typeof entry.url !== 'string' ||
    typeof entry.content_hash !== 'string' ||
    !isContentHash(entry.content_hash) ||
    typeof entry.content_type !== 'string' ||
    !isCount(entry.file_size_bytes) ||
    !isTextOrNull(entry.original_filename) ||
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

function urlsOf({ urls, more_urls: more }: Unchecked): readonly string[] | null | undefined {
  if (more === true) return null;
  return urls === undefined ? undefined : decodeUrls(urls);
}

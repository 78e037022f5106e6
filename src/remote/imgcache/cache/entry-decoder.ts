import { isContentHash } from '../../../services/content-hash.js';
import type { Entry } from '../../../services/imgcache.js';
import type { WireBrowsePage, WireCacheEntry } from '../../../services/wire-cache-entry.js';
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
type Unchecked = Partial<Record<keyof WireCacheEntry, unknown>>;

/** @throws Error when it is not what imgcache documents; keys that it does not document are ignored */
export function decodeEntry(value: unknown): Entry {
  const entry = uncheckedOf(value);
  if (!isTextOrNull(entry.filename)) throw undocumented();
  return {
    ...decodeCommon(entry),
    originalFilename: entry.filename,
    perceptualHash: decodePerceptualHash(entry.perceptual_hash),
    urls: decodeUrls(entry.aliases),
  };
}

/**
 * A part of a list, whose entries are brief.
 * @throws Error when it is not what imgcache documents
 */
export function decodePage(value: unknown): { entries: Entry[]; nextCursor: string | null } {
  const page: Partial<Record<keyof WireBrowsePage, unknown>> =
    typeof value === 'object' && value !== null ? value : {};
  if (!Array.isArray(page.items) || !isTextOrNull(page.next_cursor)) throw undocumented();
  const entries = page.items.map((item) => ({
    ...decodeCommon(uncheckedOf(item)),
    originalFilename: null,
    perceptualHash: null,
    brief: true as const,
  }));
  return { entries, nextCursor: page.next_cursor };
}

function uncheckedOf(value: unknown): Unchecked {
  if (typeof value !== 'object' || value === null) throw undocumented();
  return value;
}

/** What every list tells of an entry. */
function decodeCommon(entry: Unchecked): Omit<Entry, 'originalFilename' | 'perceptualHash'> {
  const createdAt = decodeTime(entry.created_at);
  if (
    typeof entry.url !== 'string' ||
    typeof entry.hash !== 'string' ||
    !isContentHash(entry.hash) ||
    typeof entry.mime_type !== 'string' ||
    !isCount(entry.size_bytes) ||
    !isDimension(entry.width) ||
    !isDimension(entry.height) ||
    typeof entry.client_name !== 'string'
  )
    throw undocumented();
  return {
    contentHash: entry.hash,
    url: entry.url,
    contentType: entry.mime_type,
    fileSizeBytes: entry.size_bytes,
    width: entry.width,
    height: entry.height,
    clientName: entry.client_name,
    // The service keeps no time of its own for this.
    lookupTime: createdAt,
    createdAt,
  };
}

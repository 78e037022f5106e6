import { isContentHash } from '../../../services/content-hash.js';
import type { Entry, JsonValue } from '../../../services/entry.js';
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
  const common = decodeCommon(entry);
  const urls = entry.more_urls === true ? null : decodeUrls(entry.aliases);
  return {
    ...common,
    originalFilename: entry.filename,
    perceptualHash: decodePerceptualHash(entry.perceptual_hash),
    // It is part of a JSON text.
    meta: (entry.meta ?? null) as JsonValue,
    ...((urls?.length !== 1 || urls[0] !== common.url) && { urls }),
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
  return { entries: page.items.map(decodeItem), nextCursor: page.next_cursor };
}

function decodeItem(value: unknown): Entry {
  const item = uncheckedOf(value);
  return {
    ...decodeCommon(item),
    originalFilename: null,
    perceptualHash: null,
    brief: true,
    // Of a Lookalike, which has looked at all of them.
    ...(item.more_urls === true && { urls: null }),
  };
}

function uncheckedOf(value: unknown): Unchecked {
  if (typeof value !== 'object' || value === null) throw undocumented();
  return value;
}

/** What every list tells of an entry. */
function decodeCommon(entry: Unchecked): Omit<Entry, 'originalFilename' | 'perceptualHash'> {
  const createdAt = decodeTime(entry.created_at);
  const { prefix = null, retrieved_at: retrieved = null, lookup_time: lookupTime } = entry;
  if (
    typeof entry.url !== 'string' ||
    typeof entry.hash !== 'string' ||
    !isContentHash(entry.hash) ||
    typeof entry.mime_type !== 'string' ||
    !isCount(entry.size_bytes) ||
    !isDimension(entry.width) ||
    !isDimension(entry.height) ||
    typeof entry.client_name !== 'string' ||
    typeof entry.bucket !== 'string' ||
    !isTextOrNull(prefix)
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
    // The original keeps no time of its own for this.
    lookupTime: lookupTime === undefined ? createdAt : decodeTime(lookupTime),
    createdAt,
    bucket: entry.bucket,
    prefix,
    retrievedAt: retrieved === null ? null : decodeTime(retrieved),
  };
}

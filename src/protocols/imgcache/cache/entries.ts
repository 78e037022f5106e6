import type { CallSignal } from '../../../services/call-signal.js';
import type { Entry } from '../../../services/entry.js';
import type { ImgCache } from '../../../services/imgcache.js';
import type { WireBrowseItem, WireCacheEntry } from '../../../services/wire-cache-entry.js';
import { MAX_TOLD_URLS } from '../request.js';
import { formatWireTime } from '../times.js';
import { wireHashesOf } from './names.js';

/** Where entries are read from. */
export interface EntrySource {
  /** With all its buckets. */
  imgcache: ImgCache;
  /** Of entries that do not tell it. */
  bucket: string;
  signal: CallSignal;
}

/** The endings that files of each type have in the original; null there for any other type. */
const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['image/jpeg', '.jpg'],
  ['image/png', '.png'],
  ['image/gif', '.gif'],
  ['image/webp', '.webp'],
  ['image/bmp', '.bmp'],
  ['image/tiff', '.tiff'],
  ['image/x-icon', '.ico'],
  ['image/svg+xml', '.svg'],
]);

/** Entries as the original writes them, with the same keys in the same order, and what it does not know behind them. */
export async function toWireEntries(
  entries: readonly Entry[],
  source: EntrySource,
): Promise<WireCacheEntry[]> {
  const [hashes, urls] = await Promise.all([hashesOf(entries, source), fewUrlsOf(entries, source)]);
  return entries.map((entry, index) => toWire(entry, source.bucket, hashes[index]!, urls[index]!));
}

/** An entry with every URL, however many. */
export async function toWholeEntry(entry: Entry, source: EntrySource): Promise<WireCacheEntry> {
  const [urls] = await holderOf(entry.bucket, source).getUrls([entry.contentHash], source.signal);
  const [hash] = await hashesOf([entry], source);
  return toWire(entry, source.bucket, hash!, urls ?? []);
}

/** Entries as the original lists them for browsing, where it leaves out a part of each. */
export async function toBrowseItems(
  entries: readonly Entry[],
  source: EntrySource,
): Promise<WireBrowseItem[]> {
  const hashes = await hashesOf(entries, source);
  return entries.map((entry, index) => ({
    hash: hashes[index]!,
    url: entry.url,
    bucket: entry.bucket ?? source.bucket,
    prefix: entry.prefix ?? null,
    client_name: entry.clientName,
    mime_type: entry.contentType,
    size_bytes: entry.fileSizeBytes,
    width: entry.width,
    height: entry.height,
    created_at: formatWireTime(entry.createdAt),
    retrieved_at: retrievedAt(entry),
    cache_type: 'image',
    ...(hasSeveralUrls(entry) && { more_urls: true }),
  }));
}

function toWire(entry: Entry, bucket: string, hash: string, urls: readonly string[] | null): WireCacheEntry {
  return {
    bucket: entry.bucket ?? bucket,
    prefix: entry.prefix ?? null,
    url: entry.url,
    hash,
    mime_type: entry.contentType,
    size_bytes: entry.fileSizeBytes,
    filename: entry.originalFilename,
    width: entry.width,
    height: entry.height,
    perceptual_hash: entry.perceptualHash,
    file_extension: EXTENSIONS.get(entry.contentType) ?? null,
    client_name: entry.clientName,
    created_at: formatWireTime(entry.createdAt),
    retrieved_at: retrievedAt(entry),
    meta: entry.meta ?? null,
    aliases: urls?.length ? urls : [entry.url],
    ...(urls === null && { more_urls: true }),
    ...(entry.lookupTime !== entry.createdAt && { lookup_time: formatWireTime(entry.lookupTime) }),
  };
}

function retrievedAt({ retrievedAt: time = null }: Entry): string | null {
  return time === null ? null : formatWireTime(time);
}

function hasSeveralUrls({ url, urls = [url] }: Entry): boolean {
  return urls === null || urls.length > 1;
}

function hashesOf(entries: readonly Entry[], { imgcache, signal }: EntrySource): Promise<string[]> {
  return wireHashesOf(
    imgcache,
    entries.map(({ contentHash }) => contentHash),
    signal,
  );
}

/** The URLs of entries, which each bucket knows of its own alone; null of one with more than are told. */
async function fewUrlsOf(
  entries: readonly Entry[],
  source: EntrySource,
): Promise<(readonly string[] | null)[]> {
  const found = new Map<Entry, readonly string[] | null>();
  for (const bucket of new Set(entries.map((entry) => entry.bucket))) {
    const own = entries.filter((entry) => entry.bucket === bucket);
    const urls = await holderOf(bucket, source).getFewUrls(own, MAX_TOLD_URLS, source.signal);
    for (const [index, entry] of own.entries()) found.set(entry, urls[index]!);
  }
  return entries.map((entry) => found.get(entry)!);
}

/** The bucket that holds entries. */
function holderOf(bucket: string | undefined, { imgcache }: EntrySource): ImgCache {
  return bucket === undefined ? imgcache : (imgcache.inBucket?.(bucket) ?? imgcache);
}

import DataLoader from 'dataloader';
import type { Entry, EntryMatch, ImgCache } from '../services/imgcache/api.js';
import { settle } from './settle.js';

export interface SimilarKey {
  perceptualHash: string;
  maxHammingDistance: number;
  limit: number;
}

/** What one request reads from imgcache by key: nothing is asked twice, and all of it ends with the request. */
export interface EntryLoaders {
  byContentHash: DataLoader<string, Entry | null>;
  byUrl: DataLoader<string, Entry | null>;
  similar: DataLoader<SimilarKey, readonly EntryMatch[], string>;
  /** After a change, what was read before is asked again. */
  clearAll(): void;
}

export function createEntryLoaders(imgcache: ImgCache, signal: AbortSignal): EntryLoaders {
  const byContentHash = new DataLoader((hashes: readonly string[]) => imgcache.getMeta(hashes, signal));
  const byUrl = new DataLoader((urls: readonly string[]) => imgcache.lookup(urls, signal));
  const similar = new DataLoader(
    (keys: readonly SimilarKey[]) =>
      Promise.all(keys.map((key) => settle(takeFirst(imgcache.similar(key, signal), key.limit)))),
    { cacheKeyFn: (key) => `${key.perceptualHash} ${key.maxHammingDistance} ${key.limit}` },
  );
  return {
    byContentHash,
    byUrl,
    similar,
    clearAll() {
      for (const loader of [byContentHash, byUrl, similar]) loader.clearAll();
    },
  };
}

/** The first items of a list that comes in batches; the rest is never read. */
export async function takeFirst<T>(batches: AsyncIterable<readonly T[]>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const batch of batches) {
    taken.push(...batch.slice(0, count - taken.length));
    if (taken.length >= count) break;
  }
  return taken;
}

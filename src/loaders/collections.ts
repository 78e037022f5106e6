import DataLoader from 'dataloader';
import type { Collection, Image, ImageKey, ImageMatch, VisualSnoop } from '../services/visualsnoop/api.js';
import { mapConcurrently } from '../services/visualsnoop/map-concurrently.js';
import { settle } from './settle.js';

/** How many searches one field of one request may have under way. */
export const MAX_SEARCHES = 8;

export interface CopiesKey {
  contentHash: string;
  /** Null means all collections. */
  collectionIds: readonly string[] | null;
  limit: number;
}

export interface SimilarImagesKey extends ImageKey {
  limit: number;
}

/** What one request reads from VisualSnoop by key: nothing is asked twice, and all of it ends with the request. */
export interface CollectionLoaders {
  byId: DataLoader<string, Collection | null>;
  image: DataLoader<ImageKey, Image | null, string>;
  /** Of the bytes of an image; null where VisualSnoop does not know it. */
  contentHash: DataLoader<ImageKey, string | null, string>;
  /** The images with the same bytes, newest first. */
  copies: DataLoader<CopiesKey, readonly Image[], string>;
  /** Null when there is no such image. */
  similar: DataLoader<SimilarImagesKey, readonly ImageMatch[] | null, string>;
  /** After a change, what was read before is asked again. */
  clearAll(): void;
}

export function createCollectionLoaders(visualsnoop: VisualSnoop, signal: AbortSignal): CollectionLoaders {
  const byId = new DataLoader((ids: readonly string[]) => visualsnoop.getCollections(ids, signal));
  const image = new DataLoader((keys: readonly ImageKey[]) => visualsnoop.getImages(keys, signal), {
    cacheKeyFn: imageKeyText,
  });
  const contentHash = new DataLoader(
    (keys: readonly ImageKey[]) => visualsnoop.getContentHashes(keys, signal),
    { cacheKeyFn: imageKeyText },
  );
  const copies = new DataLoader((keys: readonly CopiesKey[]) => findCopies(visualsnoop, keys, signal), {
    cacheKeyFn: (key) => `${key.contentHash} ${scopeOf(key)}`,
  });
  const similar = new DataLoader(
    (keys: readonly SimilarImagesKey[]) =>
      mapConcurrently(keys, MAX_SEARCHES, (key) => settle(visualsnoop.searchById(key, key.limit, signal))),
    { cacheKeyFn: (key) => `${key.limit} ${imageKeyText(key)}` },
  );
  return {
    byId,
    image,
    contentHash,
    copies,
    similar,
    clearAll() {
      for (const loader of [byId, image, contentHash, copies, similar]) loader.clearAll();
    },
  };
}

/** One question for all content hashes that are looked for in the same collections. */
async function findCopies(
  visualsnoop: VisualSnoop,
  keys: readonly CopiesKey[],
  signal: AbortSignal,
): Promise<(readonly Image[] | Error)[]> {
  const found = new Map<CopiesKey, readonly Image[] | Error>();
  const askScope = async (scope: readonly CopiesKey[]) => {
    const { collectionIds, limit } = scope[0]!;
    const hashes = scope.map(({ contentHash }) => contentHash);
    const copies = await settle(visualsnoop.findByContentHash(hashes, collectionIds, limit, signal));
    for (const [i, key] of scope.entries()) found.set(key, copies instanceof Error ? copies : copies[i]!);
  };
  await Promise.all([...groupByScope(keys).values()].map(askScope));
  return keys.map((key) => found.get(key)!);
}

function groupByScope(keys: readonly CopiesKey[]): Map<string, CopiesKey[]> {
  const scopes = new Map<string, CopiesKey[]>();
  for (const key of keys) {
    const scope = scopeOf(key);
    scopes.set(scope, [...(scopes.get(scope) ?? []), key]);
  }
  return scopes;
}

function scopeOf({ collectionIds, limit }: CopiesKey): string {
  return JSON.stringify([collectionIds, limit]);
}

function imageKeyText({ collectionId, imageId }: ImageKey): string {
  return JSON.stringify([collectionId, imageId]);
}

import DataLoader from 'dataloader';
import { mapConcurrently } from '../../request/map-concurrently.js';
import type { CallSignal } from '../../services/call-signal.js';
import { compareText } from '../../services/compare-text.js';
import type { Hashing } from '../../services/entry.js';
import { imageKeyText } from '../../services/image-key.js';
import {
  type Collection,
  type CollectionQuery,
  type Image,
  type ImageFilter,
  type ImageKey,
  type ImageMatch,
  type ImageQuery,
  type ImageSearch,
  MAX_PAGE_SIZE,
  type VisualSnoop,
} from '../../services/visualsnoop.js';
import { settle, settleAll, settleGroups } from './settle.js';

/** How many searches one field of one request may have under way. */
export const MAX_SEARCHES = 8;

export interface ImagesKey extends Omit<ImageQuery, 'from'> {
  collectionId: string;
}

export interface ImageCountKey {
  collectionId: string;
  filter: ImageFilter;
}

export interface CopiesKey {
  contentHash: string;
  /** Null means all collections. */
  collectionIds: readonly string[] | null;
  limit: number;
}

export interface SimilarImagesKey extends ImageKey, ImageSearch {}

/** The reads of one request from VisualSnoop: none is made twice, and all end with the request. */
export interface CollectionLoaders {
  byId: DataLoader<string, Collection | null>;
  page: DataLoader<CollectionQuery, readonly Collection[], string>;
  /** Null where VisualSnoop cannot say. */
  countAll(): Promise<number | null>;
  image: DataLoader<ImageKey, Image | null, string>;
  /** A part of the images of a collection. */
  images: DataLoader<ImagesKey, readonly Image[], string>;
  /** How many images of a collection a filter selects; null where VisualSnoop cannot say. */
  imageCount: DataLoader<ImageCountKey, number | null, string>;
  /** Of the bytes of an image; null where VisualSnoop does not know it. */
  contentHash: DataLoader<ImageKey, string | null, string>;
  /** The same as imgcache has it: null also where that hashes otherwise, and images are joined to entries by their ids. */
  entryHash(key: ImageKey): Promise<string | null>;
  /** The images with the same bytes, newest first. */
  copies: DataLoader<CopiesKey, readonly Image[], string>;
  /** Null when there is no such image. */
  similar: DataLoader<SimilarImagesKey, readonly ImageMatch[] | null, string>;
  /** After a change, what was read before is asked again. */
  clearAll(): void;
}

/** @param hashing how imgcache names bytes */
export function createCollectionLoaders(
  visualsnoop: VisualSnoop,
  signal: CallSignal,
  hashing: () => Promise<Hashing>,
): CollectionLoaders {
  const byId = new DataLoader((ids: readonly string[]) => visualsnoop.getCollections(ids, signal));
  const page = new DataLoader(
    (keys: readonly CollectionQuery[]) =>
      settleAll(keys, async (key) => {
        const collections = await visualsnoop.listCollections(key, signal);
        for (const collection of collections) byId.prime(collection.collectionId, collection);
        return collections;
      }),
    { cacheKeyFn: JSON.stringify },
  );
  const image = new DataLoader((keys: readonly ImageKey[]) => visualsnoop.getImages(keys, signal), {
    cacheKeyFn: imageKeyText,
  });
  /** Keeps a result that came with another read, so that it is not read by its key. */
  const know = (lists: readonly (readonly Image[])[]) => {
    for (const each of lists.flat()) image.prime(each, each);
    return lists;
  };
  const images = new DataLoader(
    (keys: readonly ImagesKey[]) =>
      settleGroups(keys, pageText, async (group) => know(await listImages(visualsnoop, group, signal))),
    { cacheKeyFn: JSON.stringify },
  );
  const imageCount = new DataLoader(
    (keys: readonly ImageCountKey[]) =>
      settleAll(keys, ({ collectionId, filter }) => visualsnoop.countImages(collectionId, filter, signal)),
    { cacheKeyFn: JSON.stringify },
  );
  const collectionCount = new DataLoader((keys: readonly 'ALL'[]) =>
    settleAll(keys, () => visualsnoop.countCollections(signal)),
  );
  const contentHash = new DataLoader(
    (keys: readonly ImageKey[]) => visualsnoop.getContentHashes(keys, signal),
    { cacheKeyFn: imageKeyText },
  );
  const copies = new DataLoader(
    (keys: readonly CopiesKey[]) =>
      settleGroups(keys, scopeText, async (group) => {
        const { collectionIds, limit } = group[0]!;
        const hashes = group.map(({ contentHash }) => contentHash);
        const knowsHashes = visualsnoop.mode === 'REMOTE' || (await hashing()) === 'BLAKE2B';
        return know(
          await (knowsHashes
            ? visualsnoop.findByContentHash(hashes, collectionIds, limit, signal)
            : findByIds(visualsnoop, hashes, collectionIds, limit, signal)),
        );
      }),
    { cacheKeyFn: (key) => `${key.contentHash} ${scopeText(key)}` },
  );
  const similar = new DataLoader(
    (keys: readonly SimilarImagesKey[]) => searchByIds(visualsnoop, keys, signal),
    { cacheKeyFn: (key) => `${searchText(key)} ${imageKeyText(key)}` },
  );
  const loaders = [byId, page, image, images, imageCount, collectionCount, contentHash, copies, similar];
  return {
    byId,
    page,
    countAll: () => collectionCount.load('ALL'),
    image,
    images,
    imageCount,
    contentHash,
    entryHash: async (key) => ((await hashing()) === 'BLAKE2B' ? contentHash.load(key) : null),
    copies,
    similar,
    clearAll() {
      for (const loader of loaders) loader.clearAll();
    },
  };
}

/** The same part of several collections. One that is not just their newest images is one collection's alone. */
async function listImages(
  visualsnoop: VisualSnoop,
  keys: readonly ImagesKey[],
  signal: CallSignal,
): Promise<Image[][]> {
  const { collectionId, ...query } = keys[0]!;
  if (!isNewest(query)) return [await visualsnoop.listImages(collectionId, query, signal)];
  const collectionIds = keys.map((key) => key.collectionId);
  return visualsnoop.listNewestImages(collectionIds, query.limit, signal);
}

function isNewest({ order, filter = {}, after, before }: ImageQuery): boolean {
  return order !== 'OLDEST_FIRST' && !after && !before && Object.keys(filter).length === 0;
}

/** In one search for all that are searched alike, where VisualSnoop can do that. */
function searchByIds(
  visualsnoop: VisualSnoop,
  keys: readonly SimilarImagesKey[],
  signal: CallSignal,
): Promise<(ImageMatch[] | null | Error)[]> {
  const each = visualsnoop.searchByIds?.bind(visualsnoop);
  if (each) return settleGroups(keys, searchText, (group) => each(group, searchOf(group[0]!), signal));
  return mapConcurrently(keys, MAX_SEARCHES, (key) =>
    settle(visualsnoop.searchById(key, searchOf(key), signal)),
  );
}

function searchOf({ limit, parts = true }: SimilarImagesKey): ImageSearch {
  return { limit, parts };
}

function searchText({ limit, parts = true }: SimilarImagesKey): string {
  return `${limit} ${parts}`;
}

/** The images under these ids, newest first, where the embedded VisualSnoop does not know the hashes that they are. */
async function findByIds(
  visualsnoop: VisualSnoop,
  imageIds: readonly string[],
  given: readonly string[] | null,
  limit: number,
  signal: CallSignal,
): Promise<Image[][]> {
  const collectionIds =
    given ?? (await listCollectionIds((query) => visualsnoop.listCollections(query, signal)));
  const keys = imageIds.flatMap((imageId) =>
    collectionIds.map((collectionId) => ({ collectionId, imageId })),
  );
  const images = (await visualsnoop.getImages(keys, signal)).filter((image) => image !== null);
  images.sort((a, b) => compareText(b.imageTime, a.imageTime) || compareText(a.collectionId, b.collectionId));
  return imageIds.map((imageId) => images.filter((image) => image.imageId === imageId).slice(0, limit));
}

/** The ids of all collections. */
export async function listCollectionIds(
  list: (query: CollectionQuery) => Promise<readonly Collection[]>,
): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const after = ids.at(-1);
    const collections = await list({ ...(after !== undefined && { after }), limit: MAX_PAGE_SIZE });
    ids.push(...collections.map(({ collectionId }) => collectionId));
    if (collections.length < MAX_PAGE_SIZE) return ids;
  }
}

function pageText({ collectionId, ...query }: ImagesKey): string {
  return isNewest(query) ? String(query.limit) : JSON.stringify([collectionId, query]);
}

function scopeText({ collectionIds, limit }: CopiesKey): string {
  return JSON.stringify([collectionIds, limit]);
}

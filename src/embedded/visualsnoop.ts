import type { Readable } from 'node:stream';
import type { CallSignal } from '../services/call-signal.js';
import { imageIdProblem } from '../services/image-id.js';
import type { StagedImage } from '../services/staged-image.js';
import {
  type AddImageOptions,
  type AddImageStatus,
  type Collection,
  type CollectionQuery,
  type CreatedCollection,
  type Image,
  type ImageFilter,
  type ImageKey,
  type ImageMatch,
  type ImageQuery,
  type ImageSearch,
  UnknownCollectionError,
  type VisualSnoop,
} from '../services/visualsnoop.js';
import type { Blobs } from './blobs/blobs.js';
import { openBytes, type StoredBytes } from './blobs/read-bytes.js';
import { describe, ImageWriter, type ImageWriterParts } from './image-writer.js';
import { createCollection, rotateKeys } from './new-collection.js';
import type { VisualSearchThread } from './search/visual-search-thread.js';
import { checkStorage } from './storage-health.js';
import type { Store, StoredImage } from './store/store.js';

const MAX_MATCHES = 100;

export interface EmbeddedVisualSnoopParts {
  store: Store;
  /** Shared with imgcache, as is the lock. */
  blobs: Blobs;
  locks: ImageWriterParts['locks'];
  visualSearch: VisualSearchThread;
  pictures: ImageWriterParts['pictures'];
  /** Told when a collection was deleted, whose images are to be removed. */
  onDeleted(): void;
}

/** VisualSnoop on tables and files of this process. */
export class EmbeddedVisualSnoop implements VisualSnoop {
  readonly mode = 'EMBEDDED';
  readonly #store: Store;
  readonly #bytes: StoredBytes;
  readonly #writer: ImageWriter;
  readonly #visualSearch: VisualSearchThread;
  readonly #onDeleted: () => void;

  constructor({ store, blobs, locks, visualSearch, pictures, onDeleted }: EmbeddedVisualSnoopParts) {
    this.#store = store;
    this.#bytes = { store, blobs };
    this.#writer = new ImageWriter({ store, bytes: this.#bytes, locks, pictures });
    this.#visualSearch = visualSearch;
    this.#onDeleted = onDeleted;
  }

  async listCollections(query: CollectionQuery, signal?: AbortSignal): Promise<Collection[]> {
    signal?.throwIfAborted();
    return this.#store.collections.list(query);
  }

  async countCollections(signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted();
    return this.#store.collections.count();
  }

  async getCollections(
    collectionIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<(Collection | null)[]> {
    signal?.throwIfAborted();
    const found = await this.#store.collections.find(collectionIds);
    return collectionIds.map((id) => found.get(id) ?? null);
  }

  async createCollection(
    input: { name: string; user?: string },
    signal?: AbortSignal,
  ): Promise<CreatedCollection> {
    signal?.throwIfAborted();
    return createCollection(this.#store, input);
  }

  async renameCollection(
    collectionId: string,
    to: { name: string; user?: string | null | undefined },
    signal?: AbortSignal,
  ): Promise<Collection> {
    signal?.throwIfAborted();
    const renamed = await this.#store.collections.rename(collectionId, to);
    if (!renamed) throw new UnknownCollectionError(collectionId);
    return renamed;
  }

  async deleteCollection(collectionId: string, confirmation: string, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted();
    const deleted = await this.#store.collections.delete(collectionId, confirmation);
    if (deleted === 'UNKNOWN') throw new UnknownCollectionError(collectionId);
    if (deleted === 'DELETED') this.#onDeleted();
    return deleted === 'DELETED';
  }

  async rotateCollectionKeys(collectionId: string, signal?: AbortSignal): Promise<CreatedCollection> {
    const collection = await this.#findCollection(collectionId, signal);
    const keys = await rotateKeys(this.#store, collectionId);
    if (!keys) throw new UnknownCollectionError(collectionId);
    return { collection, ...keys };
  }

  async getImages(keys: readonly ImageKey[], signal?: AbortSignal): Promise<(Image | null)[]> {
    signal?.throwIfAborted();
    const images = await this.#store.images.find(keys);
    return images.map((image) => image && toImage(image));
  }

  async getContentHashes(keys: readonly ImageKey[], signal?: AbortSignal): Promise<(string | null)[]> {
    signal?.throwIfAborted();
    const images = await this.#store.images.find(keys);
    return images.map((image) => image?.contentHash ?? null);
  }

  async findByContentHash(
    contentHashes: readonly string[],
    collectionIds: readonly string[] | null,
    limit: number,
    signal?: AbortSignal,
  ): Promise<Image[][]> {
    signal?.throwIfAborted();
    const found = await this.#store.images.findByContentHash(contentHashes, collectionIds, limit);
    return contentHashes.map((hash) => found.get(hash)?.map(toImage) ?? []);
  }

  async listImages(
    collectionId: string,
    { from, ...query }: ImageQuery,
    signal?: AbortSignal,
  ): Promise<Image[]> {
    await this.#findCollection(collectionId, signal);
    if (from === undefined) return (await this.#store.images.list(collectionId, query)).map(toImage);
    const [start] = await this.#store.images.find([{ collectionId, imageId: from }]);
    return start ? (await this.#store.images.list(collectionId, { ...query, from: start })).map(toImage) : [];
  }

  async countImages(collectionId: string, filter: ImageFilter, signal?: AbortSignal): Promise<number> {
    await this.#findCollection(collectionId, signal);
    return this.#store.images.count(collectionId, filter);
  }

  async listNewestImages(
    collectionIds: readonly string[],
    limit: number,
    signal?: AbortSignal,
  ): Promise<Image[][]> {
    signal?.throwIfAborted();
    const found = await this.#store.images.listNewest(collectionIds, limit);
    return collectionIds.map((id) => found.get(id)?.map(toImage) ?? []);
  }

  async getBytes(key: ImageKey, signal?: CallSignal): Promise<Readable | null> {
    signal?.throwIfAborted();
    const [image] = await this.#store.images.find([key]);
    return image ? openBytes(this.#bytes, image.contentHash, undefined, signal) : null;
  }

  async searchById(key: ImageKey, search: ImageSearch, signal?: AbortSignal): Promise<ImageMatch[] | null> {
    const [matches = null] = await this.searchByIds([key], search, signal);
    return matches;
  }

  async searchByIds(
    keys: readonly ImageKey[],
    search: ImageSearch,
    signal?: AbortSignal,
  ): Promise<(ImageMatch[] | null)[]> {
    // SQLite would take half a surrogate pair for U+FFFD, which is the id of another image.
    const isId = keys.map(({ imageId }) => !imageIdProblem(imageId));
    const asked = keys.filter((_, i) => isId[i]);
    const found = await this.#visualSearch.byIds(asked, bounded(search), signal);
    const results = found.values();
    return isId.map((wasAsked) => (wasAsked ? (results.next().value ?? null) : null));
  }

  async searchByImage(
    collectionId: string,
    image: StagedImage,
    search: ImageSearch,
    signal?: AbortSignal,
  ): Promise<ImageMatch[]> {
    await this.#findCollection(collectionId, signal);
    const picture = { contentHash: image.contentHash, ...(await describe(image, 'ASKED')) };
    const matches = await this.#visualSearch.byPicture(collectionId, picture, bounded(search), signal);
    // Of a collection that was deleted meanwhile some images may have been gone.
    await this.#findCollection(collectionId, signal);
    return matches;
  }

  async addImage(
    collectionId: string,
    image: StagedImage,
    options: AddImageOptions = {},
    signal?: AbortSignal,
  ): Promise<{ image: Image; status: AddImageStatus }> {
    await this.#findCollection(collectionId, signal);
    const put = await this.#writer.add(collectionId, image, options, signal);
    return { ...put, image: toImage(put.image) };
  }

  async addKnownImage(
    collectionId: string,
    contentHash: string,
    signal?: AbortSignal,
  ): Promise<{ image: Image; status: AddImageStatus } | null> {
    await this.#findCollection(collectionId, signal);
    const put = await this.#writer.addKnown(collectionId, contentHash, signal);
    return put && { ...put, image: toImage(put.image) };
  }

  async deleteImage(key: ImageKey, signal?: AbortSignal): Promise<Image | null> {
    signal?.throwIfAborted();
    const image = await this.#store.images.delete(key);
    return image && toImage(image);
  }

  health(signal?: CallSignal): Promise<void> {
    return checkStorage(this.#store, this.#bytes.blobs, signal);
  }

  async #findCollection(collectionId: string, signal: AbortSignal | undefined): Promise<Collection> {
    const [collection] = await this.getCollections([collectionId], signal);
    if (!collection) throw new UnknownCollectionError(collectionId);
    return collection;
  }
}

function bounded(search: ImageSearch): ImageSearch {
  return { ...search, limit: Math.min(search.limit, MAX_MATCHES) };
}

function toImage({ collectionId, imageId, imageTime }: StoredImage): Image {
  return { collectionId, imageId, imageTime };
}

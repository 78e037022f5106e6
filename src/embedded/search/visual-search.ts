import { setImmediate } from 'node:timers/promises';
import type { ImageKey, ImageMatch, ImageSearch } from '../../services/visualsnoop.js';
import { KeyedLock } from '../keyed-lock.js';
import type { ImageRows, ImageSnapshot, Picture } from '../store/rows.js';
import type { CollectionIndex } from './collection-index.js';
import { CollectionIndexes } from './collection-indexes.js';
import { rankPictures } from './ranked-pictures.js';

/** The pairs of a query's picture and one of the collection that are compared at once: some 70 ms of work. */
const SLICE_PAIRS = 500_000;
/** The pictures whose keypoints are looked for at once: as much. */
const SLICE_PICTURES = 20;

/**
 * Searches collections by how pictures look. The index of a collection is built at its first search, and brought up to
 * date with the database before each one.
 */
export class VisualSearch {
  readonly #rows: ImageRows;
  readonly #indexes: CollectionIndexes;
  /** By collection: no search changes an index that another one is at. */
  readonly #locks = new KeyedLock();
  /** The collections whose index is being made quicker. */
  readonly #settling = new Set<string>();

  /** @param indexes bounds what they may have of memory */
  constructor(rows: ImageRows, indexes = new CollectionIndexes()) {
    this.#rows = rows;
    this.#indexes = indexes;
  }

  /** For each image what looks like it, the image itself left out; null when there is no such image. */
  async byIds(
    keys: readonly ImageKey[],
    options: ImageSearch,
    signal: AbortSignal,
  ): Promise<(ImageMatch[] | null)[]> {
    const found = new Map<string, Map<string, ImageMatch[]>>();
    for (const { collectionId } of keys) {
      if (found.has(collectionId)) continue;
      const imageIds = keys.filter((key) => key.collectionId === collectionId).map(({ imageId }) => imageId);
      found.set(collectionId, await this.#searchImages(collectionId, imageIds, options, signal));
    }
    return keys.map(({ collectionId, imageId }) => found.get(collectionId)?.get(imageId) ?? null);
  }

  byPicture(
    collectionId: string,
    picture: Picture,
    { limit, parts = true }: ImageSearch,
    signal: AbortSignal,
  ): Promise<ImageMatch[]> {
    return this.#search(collectionId, signal, async (index, snapshot) => {
      const [matches] = await rankPictures({ collectionId, index, snapshot }, [picture], { limit, parts });
      return matches!;
    });
  }

  /** By imageId; without those that are not there. */
  async #searchImages(
    collectionId: string,
    imageIds: readonly string[],
    { limit, parts = true }: ImageSearch,
    signal: AbortSignal,
  ): Promise<Map<string, ImageMatch[]>> {
    const found = new Map<string, ImageMatch[]>();
    let left = imageIds;
    if (!this.#indexes.has(collectionId)) {
      // None is made for what may be no collection.
      const there = await this.#rows.atOnce((snapshot) => snapshot.pictures(collectionId, imageIds));
      left = there.map(({ imageId }) => imageId);
    }
    while (left.length > 0) {
      left = await this.#search(collectionId, signal, async (index, snapshot) => {
        const most = parts ? SLICE_PICTURES : left.length;
        const count = Math.max(1, Math.min(most, Math.floor(SLICE_PAIRS / index.size)));
        const pictures = await snapshot.pictures(collectionId, left.slice(0, count));
        const options = { limit: limit + 1, parts };
        const lists = await rankPictures({ collectionId, index, snapshot }, pictures, options);
        for (const [i, { imageId: itself }] of pictures.entries())
          found.set(itself, lists[i]!.filter(({ imageId }) => imageId !== itself).slice(0, limit));
        return left.slice(count);
      });
      // Between which other calls and aborts get their turn.
      await setImmediate();
    }
    return found;
  }

  /** Searches in the state of the database that the index is up to date with. */
  async #search<T extends object>(
    collectionId: string,
    signal: AbortSignal,
    search: (index: CollectionIndex, snapshot: ImageSnapshot) => Promise<T>,
  ): Promise<T> {
    return this.#indexes.use(collectionId, async (index) => {
      for (;;) {
        signal.throwIfAborted();
        const found = await this.#locks.run(collectionId, () =>
          this.#rows.atOnce(async (snapshot) =>
            (await index.follow(snapshot)) ? search(index, snapshot) : undefined,
          ),
        );
        if (found !== undefined) {
          void this.#settle(collectionId);
          return found;
        }
        await setImmediate();
      }
    });
  }

  /** Makes later searches quicker, in parts between which searches get their turn. */
  async #settle(collectionId: string): Promise<void> {
    if (this.#settling.has(collectionId)) return;
    this.#settling.add(collectionId);
    try {
      await this.#indexes.use(collectionId, async (index) => {
        while (await this.#locks.run(collectionId, async () => index.settle())) await setImmediate();
      });
    } catch {
      // There is not enough memory: searches find the same without.
    } finally {
      this.#settling.delete(collectionId);
    }
  }
}

import { setImmediate } from 'node:timers/promises';
import type { ImageKey, ImageMatch } from '../../services/visualsnoop.js';
import { KeyedLock } from '../keyed-lock.js';
import { decodeDescriptor } from '../picture/descriptor.js';
import type { ImageRows, ImageSnapshot, Picture } from '../store/rows.js';
import type { CollectionIndex } from './collection-index.js';
import { CollectionIndexes } from './collection-indexes.js';
import type { VisualMatch } from './visual-index.js';

/** The pairs of a query's picture and one of the collection that are compared at once: some 70 ms of work. */
const SLICE_PAIRS = 500_000;

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
    limit: number,
    signal: AbortSignal,
  ): Promise<(ImageMatch[] | null)[]> {
    const found = new Map<string, Map<string, ImageMatch[]>>();
    for (const { collectionId } of keys) {
      if (found.has(collectionId)) continue;
      const imageIds = keys.filter((key) => key.collectionId === collectionId).map(({ imageId }) => imageId);
      found.set(collectionId, await this.#searchImages(collectionId, imageIds, limit, signal));
    }
    return keys.map(({ collectionId, imageId }) => found.get(collectionId)?.get(imageId) ?? null);
  }

  byPicture(
    collectionId: string,
    picture: Picture,
    limit: number,
    signal: AbortSignal,
  ): Promise<ImageMatch[]> {
    return this.#search(collectionId, signal, async (index, snapshot) => {
      const [matches] = await rank({ collectionId, index, snapshot }, [picture], limit);
      return matches!;
    });
  }

  /** By imageId; without those that are not there. */
  async #searchImages(
    collectionId: string,
    imageIds: readonly string[],
    limit: number,
    signal: AbortSignal,
  ): Promise<Map<string, ImageMatch[]>> {
    const found = new Map<string, ImageMatch[]>();
    // No index is made for what may be no collection.
    const there = await this.#rows.atOnce((snapshot) => snapshot.pictures(collectionId, imageIds));
    let left = there.map(({ imageId }) => imageId);
    while (left.length > 0) {
      left = await this.#search(collectionId, signal, async (index, snapshot) => {
        const count = Math.max(1, Math.floor(SLICE_PAIRS / index.size));
        const pictures = await snapshot.pictures(collectionId, left.slice(0, count));
        const lists = await rank({ collectionId, index, snapshot }, pictures, limit + 1);
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

/** A collection as a search sees it. */
interface Searched {
  collectionId: string;
  /** As the snapshot is. */
  index: CollectionIndex;
  snapshot: ImageSnapshot;
}

/** For each picture by rank, then by imageId: 0 for the same bytes, and for all others more. */
async function rank(
  { collectionId, index, snapshot }: Searched,
  pictures: readonly Picture[],
  limit: number,
): Promise<ImageMatch[][]> {
  const copies = await snapshot.identical(
    collectionId,
    pictures.map(({ contentHash }) => contentHash),
  );
  const found = pictures.map(({ contentHash, descriptor: bytes }) => {
    const identical = copies.filter((copy) => copy.contentHash === contentHash);
    const identicalSeqs = new Set(identical.map(({ seq }) => seq));
    const descriptor = decodeDescriptor(bytes);
    const alike = descriptor ? index.search(descriptor) : [];
    const others = alike.filter(({ key }) => !identicalSeqs.has(key));
    return { identical, others: best(others, limit - identical.length) };
  });
  const seqs = new Set(found.flatMap(({ others }) => others.map(({ key }) => key)));
  const names = await snapshot.named([...seqs]);
  const places = new Map(names.map(({ seq }, place) => [seq, place]));
  return found.map(({ identical, others }) => {
    const named = others
      .map(({ key, rank }) => ({ rank, place: places.get(key)! }))
      .sort((a, b) => a.rank - b.rank || a.place - b.place)
      .map(({ rank, place }) => ({ collectionId, imageId: names[place]!.imageId, rank }));
    const same = identical.map(({ imageId }) => ({ collectionId, imageId, rank: 0 }));
    return [...same, ...named].slice(0, limit);
  });
}

/** As many as the limit, and all more that rank as the last of them: their ids decide which of those come first. */
function best(matches: readonly VisualMatch[], limit: number): readonly VisualMatch[] {
  if (limit <= 0) return [];
  const last = matches[limit - 1]?.rank ?? Number.POSITIVE_INFINITY;
  return matches.filter(({ rank }) => rank <= last);
}

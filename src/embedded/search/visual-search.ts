import { setImmediate } from 'node:timers/promises';
import type { ImageKey, ImageMatch } from '../../services/visualsnoop/api.js';
import { decodeDescriptor } from '../picture/descriptor.js';
import type { ImageRows, Picture } from '../store/image-rows.js';
import { CollectionIndex } from './collection-index.js';
import type { VisualMatch } from './visual-index.js';

/**
 * Searches collections by how pictures look. The index of a collection is built at its first search, and brought up to
 * date with the database before each one.
 */
export class VisualSearch {
  readonly #rows: ImageRows;
  readonly #indexes = new Map<string, CollectionIndex>();

  constructor(rows: ImageRows) {
    this.#rows = rows;
  }

  /** Null when there is no such image. */
  async byId(key: ImageKey, limit: number, signal: AbortSignal): Promise<ImageMatch[] | null> {
    if (!this.#rows.picture(key)) return null;
    return this.#search(key.collectionId, signal, (index) => {
      const picture = this.#rows.picture(key);
      if (!picture) return null;
      const matches = this.#rank(key.collectionId, index, picture, limit + 1);
      return matches.filter(({ imageId }) => imageId !== key.imageId).slice(0, limit);
    });
  }

  byPicture(
    collectionId: string,
    picture: Picture,
    limit: number,
    signal: AbortSignal,
  ): Promise<ImageMatch[]> {
    return this.#search(collectionId, signal, (index) => this.#rank(collectionId, index, picture, limit));
  }

  /** Searches in the state of the database that the index is up to date with. */
  async #search<T extends object | null>(
    collectionId: string,
    signal: AbortSignal,
    search: (index: CollectionIndex) => T,
  ): Promise<T> {
    const index = this.#indexes.get(collectionId) ?? new CollectionIndex(collectionId, this.#rows);
    this.#indexes.set(collectionId, index);
    for (;;) {
      signal.throwIfAborted();
      const found = this.#rows.atOnce(() => (index.follow() ? search(index) : undefined));
      if (found !== undefined) return found;
      await setImmediate();
    }
  }

  /** By rank, then by imageId: 0 for the same bytes, and for all others more. */
  #rank(collectionId: string, index: CollectionIndex, picture: Picture, limit: number): ImageMatch[] {
    const identical = this.#rows.identical(collectionId, picture.contentHash);
    const identicalSeqs = new Set(identical.map(({ seq }) => seq));
    const descriptor = decodeDescriptor(picture.descriptor);
    const alike = descriptor ? index.search(descriptor) : [];
    const others = best(
      alike.filter(({ key }) => !identicalSeqs.has(key)),
      limit - identical.length,
    );
    return [
      ...identical.map(({ imageId }) => ({ collectionId, imageId, rank: 0 })),
      ...this.#named(collectionId, others).sort((a, b) => a.rank - b.rank),
    ].slice(0, limit);
  }

  /** By imageId. */
  #named(collectionId: string, matches: readonly VisualMatch[]): ImageMatch[] {
    const ranks = new Map(matches.map(({ key, rank }) => [key, rank]));
    const rows = this.#rows.named([...ranks.keys()]);
    return rows.map(({ seq, imageId }) => ({ collectionId, imageId, rank: ranks.get(seq)! }));
  }
}

/** As many as the limit, and all more that rank as the last of them: their ids decide which of those come first. */
function best(matches: readonly VisualMatch[], limit: number): readonly VisualMatch[] {
  if (limit <= 0) return [];
  const last = matches[limit - 1]?.rank ?? Number.POSITIVE_INFINITY;
  return matches.filter(({ rank }) => rank <= last);
}

import { totalmem } from 'node:os';
import { CollectionIndex, type KeypointBounds } from './collection-index.js';

/** Indexes of some five million images. Of it the hashes are less than half, and WebAssembly can address 4 GiB. */
const MAX_BYTES = 2 * 2 ** 30;

/** The keypoints of one collection may have a quarter of the memory, and so much: some 1.5 million images. */
const MAX_KEYPOINT_BYTES = Math.min(
  1.5 * 2 ** 30,
  Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY) / 4,
);

/** What is not given is as it is by default, or told to nobody. */
type KeypointOptions = { [Name in keyof KeypointBounds]?: KeypointBounds[Name] | undefined };

interface KeptIndex {
  readonly index: CollectionIndex;
  /** How many searches are at it, or wait for it. */
  users: number;
}

/** The indexes of the collections that were searched last; others are built again when they are searched. */
export class CollectionIndexes {
  /** The least recently used first. */
  readonly #kept = new Map<string, KeptIndex>();
  readonly #maxBytes: number;
  readonly #keypoints: KeypointBounds;

  /** @param maxBytes all of them together are let have, save those in use */
  constructor(maxBytes = MAX_BYTES, keypoints: KeypointOptions = {}) {
    this.#maxBytes = maxBytes;
    this.#keypoints = {
      maxBytes: keypoints.maxBytes ?? MAX_KEYPOINT_BYTES,
      onSearched: keypoints.onSearched ?? (() => {}),
    };
  }

  /** Whether there is an index of a collection, of all of it or of the rows that were read so far. */
  has(collectionId: string): boolean {
    return this.#kept.has(collectionId);
  }

  /** Lets `work` use the index of a collection, which stays until it ends. */
  async use<T>(collectionId: string, work: (index: CollectionIndex) => Promise<T>): Promise<T> {
    const kept = this.#kept.get(collectionId) ?? {
      index: new CollectionIndex(collectionId, this.#keypoints),
      users: 0,
    };
    this.#kept.delete(collectionId);
    this.#kept.set(collectionId, kept);
    kept.users++;
    try {
      return await work(kept.index);
    } finally {
      kept.users--;
      this.#evict();
    }
  }

  /** In bytes. */
  get size(): number {
    let sum = 0;
    for (const { index } of this.#kept.values()) sum += index.bytes;
    return sum;
  }

  /** The most recent one stays, however large it is. */
  #evict(): void {
    let excess = this.size - this.#maxBytes;
    const older = [...this.#kept].slice(0, -1);
    for (const [collectionId, { index, users }] of older) {
      if (excess <= 0) return;
      if (users > 0) continue;
      excess -= index.bytes;
      this.#kept.delete(collectionId);
      index.dispose();
    }
  }
}

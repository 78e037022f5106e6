import { type Descriptor, decodeDescriptor } from '../picture/descriptor.js';
import type { ImageRows } from '../store/rows.js';
import { VisualIndex, type VisualMatch } from './visual-index.js';

/** How many rows are read at once: some 10 ms of work, between which other calls and aborts get their turn. */
const SLICE_ROWS = 1000;

/** The descriptors of one collection in memory, following the database. An image's key is the seq of its row. */
export class CollectionIndex {
  readonly #collectionId: string;
  readonly #rows: ImageRows;
  readonly #index = new VisualIndex();
  #lastSeq = 0;
  #lastDeletion: number;

  constructor(collectionId: string, rows: ImageRows) {
    this.#collectionId = collectionId;
    this.#rows = rows;
    // Read before any row is: what is deleted from here on may be among them.
    this.#lastDeletion = rows.lastDeletion(collectionId);
  }

  /** Takes over a slice of what was added and deleted. False when there may be more. */
  follow(): boolean {
    // Additions first, as a deletion of what is not yet there would do nothing.
    return this.#takeAdded() < SLICE_ROWS && this.#takeDeleted() < SLICE_ROWS;
  }

  /** How many hashes each view of a query is compared with. */
  get size(): number {
    return this.#index.size;
  }

  /** Everything alike, by rank, all of them greater than 0. */
  search(query: Descriptor): VisualMatch[] {
    return this.#index.search(query);
  }

  #takeAdded(): number {
    const added = this.#rows.added(this.#collectionId, this.#lastSeq, SLICE_ROWS);
    for (const { seq, descriptor } of added) {
      const decoded = decodeDescriptor(descriptor);
      if (decoded) this.#index.add(seq, decoded);
      this.#lastSeq = seq;
    }
    return added.length;
  }

  #takeDeleted(): number {
    const deleted = this.#rows.deleted(this.#collectionId, this.#lastDeletion, SLICE_ROWS);
    for (const { id, seq } of deleted) {
      this.#index.remove(seq);
      this.#lastDeletion = id;
    }
    return deleted.length;
  }
}

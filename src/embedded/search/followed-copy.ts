import type { Changes, Position } from '../store/rows.js';

/** A copy of rows in memory, by their seqs. */
export interface RowCopy<Row> {
  /** Replaces what has the seq of the row. */
  add(row: Row): void;
  /** Nothing happens when there is no such row. */
  remove(seq: number): void;
  /** Forgets all rows. */
  clear(): void;
}

/** A copy of rows, and how far it has followed them. */
export class FollowedCopy<Row> {
  readonly #copy: RowCopy<Row>;
  readonly #seqOf: (row: Row) => number;
  /** Seqs that this round deleted, as their additions may come later in the round. */
  readonly #deleted = new Set<number>();
  #position: Position | null = null;

  constructor(copy: RowCopy<Row>, seqOf: (row: Row) => number) {
    this.#copy = copy;
    this.#seqOf = seqOf;
  }

  /** Where the next changes begin; null at the beginning. */
  get position(): Position | null {
    return this.#position;
  }

  /** Takes over changes from the position on. */
  take({ added, deletedSeqs, position, more, reset }: Changes<Row>): void {
    if (reset) this.clear();
    for (const row of added) if (!this.#deleted.has(this.#seqOf(row))) this.#copy.add(row);
    for (const seq of deletedSeqs) {
      this.#copy.remove(seq);
      if (more) this.#deleted.add(seq);
    }
    if (!more) this.#deleted.clear();
    this.#position = position;
  }

  clear(): void {
    this.#copy.clear();
    this.#deleted.clear();
    this.#position = null;
  }
}

import { setImmediate } from 'node:timers/promises';
import type { HashRows } from '../store/rows.js';
import type { HashMatches, HashQuery } from './hash-matches.js';
import { PackedHashes } from './packed-hashes.js';

/** How many rows are read at once: some 20 ms of work, between which other calls and aborts get their turn. */
const SLICE_ROWS = 20_000;
/** How many pairs of a query and an entry are compared at once: about as much work. */
const SLICE_PAIRS = 20_000_000;

/**
 * The hashes of all entries in memory, brought up to date with the database before each search. A slice is read and
 * taken over without a pause, so that several searches can do it by turns.
 */
export class EntryHashes {
  readonly #rows: HashRows;
  readonly #hashes = new PackedHashes();
  #lastSeq = 0;
  #lastDeletion: number;

  constructor(rows: HashRows) {
    this.#rows = rows;
    // Read before any entry is: what is deleted from here on may be among them.
    this.#lastDeletion = rows.lastDeletion();
  }

  /** The matches of each of the queries, among it all that was committed before the call. */
  async search(queries: readonly HashQuery[], signal: AbortSignal): Promise<HashMatches[]> {
    signal.throwIfAborted();
    // Additions first, as a deletion of what is not yet there would do nothing.
    while (this.#takeAdded() === SLICE_ROWS) await setImmediate(undefined, { signal });
    while (this.#takeDeleted() === SLICE_ROWS) await setImmediate(undefined, { signal });
    const found: HashMatches[] = [];
    while (found.length < queries.length) {
      if (found.length > 0) await setImmediate(undefined, { signal });
      // Anew for each slice: other searches take over additions and deletions in between.
      const count = Math.max(1, Math.floor(SLICE_PAIRS / this.#hashes.size));
      found.push(...this.#hashes.search(queries.slice(found.length, found.length + count)));
    }
    return found;
  }

  #takeAdded(): number {
    const rows = this.#rows.added(this.#lastSeq, SLICE_ROWS);
    for (const [seq, ...hash] of rows) {
      this.#hashes.append(seq, hash);
      this.#lastSeq = seq;
    }
    return rows.length;
  }

  #takeDeleted(): number {
    const rows = this.#rows.deleted(this.#lastDeletion, SLICE_ROWS);
    for (const [id, seq] of rows) {
      this.#hashes.remove(seq);
      this.#lastDeletion = id;
    }
    return rows.length;
  }
}

import type { Descriptor } from '../picture/descriptor.js';
import { INDEXED_VIEWS } from '../picture/views.js';
import { RowTable } from '../row-table.js';
import { ChunkIndex } from './chunk-index.js';
import { IndexRows, NO_HASH } from './index-rows.js';
import { PlainTones } from './plain-tones.js';
import { type AskedViews, indexedRows, type PlaneProbe, probesOf, rankOfMargin } from './visual-rule.js';

export interface VisualMatch {
  readonly key: number;
  /** A whole number from 1 on that grows with unlikeness. 0 is for the same bytes, which only the caller knows. */
  readonly rank: number;
}

/** So many rows are quicker scanned than looked up: some milliseconds of a search. */
const MOST_SCANNED_ROWS = 8192;
/** As many rows are looked up in the time in which one is scanned. */
const LOOKED_UP_PER_SCANNED = 20;

/**
 * The pictures of one collection, packed in memory: a search finds every picture that visual-rule.ts calls alike, also
 * one that was added the moment before. Whoever needs it no more disposes of it.
 */
export class VisualIndex {
  readonly #rows = new IndexRows();
  readonly #chunks: ChunkIndex;
  /** The first row of each key; a bordered picture has several, one behind the other. */
  readonly #firstRows = new RowTable((row) => this.#rows.keyOf(row));
  readonly #plainTones = new PlainTones();

  /** @param mostScannedRows so many of the latest rows are scanned where all others are looked up */
  constructor(mostScannedRows = MOST_SCANNED_ROWS) {
    this.#chunks = new ChunkIndex(this.#rows.planes, mostScannedRows);
  }

  /** Replaces what has this key. */
  add(key: number, descriptor: Descriptor): void {
    this.remove(key);
    const first = this.#rows.count;
    for (const row of indexedRows(descriptor)) this.#rows.append(key, row);
    if (this.#rows.count > first) this.#firstRows.set(key, first);
    if (descriptor.plain) this.#plainTones.add(key, descriptor.tones);
  }

  /** Nothing happens when there is no such key. */
  remove(key: number): void {
    const first = this.#firstRows.get(key);
    this.#firstRows.delete(key);
    if (first !== undefined)
      for (let row = first; row < this.#rows.count && this.#rows.keyOf(row) === key; row++)
        this.#rows.clear(row);
    this.#plainTones.delete(key);
    if (this.#rows.isSparse) this.#compact();
  }

  /** Of the hash of the whole of a picture; 0 where it has none. */
  discountOf(key: number): number {
    const row = this.#firstRows.get(key);
    const discount = row === undefined ? NO_HASH : this.#rows.discountOf(row, 0);
    return discount === NO_HASH ? 0 : discount;
  }

  /** What a search costs, in rows that are scanned. */
  get size(): number {
    const { lookedUp } = this.#chunks;
    return this.#rows.count - lookedUp + Math.ceil(lookedUp / LOOKED_UP_PER_SCANNED);
  }

  /** Of the packed hashes and of what looks them up. */
  get bytes(): number {
    return this.#rows.bytes + this.#firstRows.bytes + this.#plainTones.bytes + this.#chunks.bytes;
  }

  /** Does a part of the work that makes later searches quicker. False when there is nothing left to do. */
  settle(): boolean {
    return this.#chunks.settle(this.#rows.count);
  }

  /** Gives its memory to others. It must not be used any more. */
  dispose(): void {
    this.#chunks.clear();
    this.#rows.dispose();
  }

  /** Everything alike, by rank, then by key. */
  search(query: Descriptor, asked: AskedViews = 'ALL'): VisualMatch[] {
    const ranks = new Map<number, number>();
    const found = (key: number, rank: number) => {
      const known = ranks.get(key);
      if (known === undefined || rank < known) ranks.set(key, rank);
    };
    this.#searchHashes(probesOf(query, asked), found);
    if (query.plain) this.#plainTones.search(query.tones, found);
    return Array.from(ranks, ([key, rank]) => ({ key, rank })).sort(
      (a, b) => a.rank - b.rank || a.key - b.key,
    );
  }

  #searchHashes(probes: readonly PlaneProbe[], found: (key: number, rank: number) => void): void {
    for (let plane = 0; plane < INDEXED_VIEWS; plane++) {
      const looking = probes.filter((probe) => probe.plane === plane);
      this.#chunks.search(plane, this.#rows.count, looking, (row, margin) => {
        const left = margin - this.#rows.discountOf(row, plane);
        if (left >= 0) found(this.#rows.keyOf(row), rankOfMargin(left));
      });
    }
  }

  #compact(): void {
    this.#chunks.clear();
    this.#firstRows.clear();
    const rows = this.#rows.compact();
    for (let row = 0; row < rows; row++) {
      const key = this.#rows.keyOf(row);
      if (row === 0 || this.#rows.keyOf(row - 1) !== key) this.#firstRows.set(key, row);
    }
  }
}

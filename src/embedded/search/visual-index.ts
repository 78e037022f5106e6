import type { Descriptor } from '../picture/descriptor.js';
import { INDEXED_VIEWS } from '../picture/views.js';
import { allocateBlock, BLOCK_BYTES, BLOCK_ROWS, freeBlock, scanBlocks, writeRow } from './hamming-scan.js';
import {
  dihedralTones,
  type IndexedRow,
  indexedRows,
  probesOf,
  rankByTones,
  rankOfMargin,
} from './visual-rule.js';

export interface VisualMatch {
  readonly key: number;
  /** A whole number from 1 on that grows with unlikeness. 0 is for the same bytes, which only the caller knows. */
  readonly rank: number;
}

/** Stands for a discount where a row has no hash: more than any margin. */
const NO_HASH = 255;

/**
 * The pictures of one collection, packed in memory and scanned: a search finds every picture that visual-rule.ts calls
 * alike, also one that was added the moment before. Whoever needs it no more disposes of it.
 */
export class VisualIndex {
  /** For each indexed view the blocks of its hashes; a row is the same picture in all of them. */
  readonly #planes: number[][] = Array.from({ length: INDEXED_VIEWS }, () => []);
  /** Whose a row is. */
  readonly #keys: number[] = [];
  /** By row and plane. */
  #discounts = new Uint8Array(INDEXED_VIEWS * BLOCK_ROWS).fill(NO_HASH);
  readonly #freeRows: number[] = [];
  readonly #contentRows = new Map<number, number>();
  readonly #wholeRows = new Map<number, number>();
  readonly #plainTones = new Map<number, Uint8Array>();

  /** Replaces what has this key. */
  add(key: number, descriptor: Descriptor): void {
    this.remove(key);
    const { content, whole } = indexedRows(descriptor);
    if (content) this.#contentRows.set(key, this.#write(key, content));
    if (whole) this.#wholeRows.set(key, this.#write(key, whole));
    if (descriptor.plain) this.#plainTones.set(key, Uint8Array.from(descriptor.tones));
  }

  /** Nothing happens when there is no such key. */
  remove(key: number): void {
    for (const rows of [this.#contentRows, this.#wholeRows]) {
      const row = rows.get(key);
      if (row === undefined) continue;
      rows.delete(key);
      this.#discounts.fill(NO_HASH, row * INDEXED_VIEWS, (row + 1) * INDEXED_VIEWS);
      this.#freeRows.push(row);
    }
    this.#plainTones.delete(key);
  }

  /** How many rows a search scans. */
  get size(): number {
    return this.#keys.length;
  }

  /** Of the packed hashes. */
  get bytes(): number {
    return this.#planes.reduce((sum, blocks) => sum + blocks.length * BLOCK_BYTES, 0);
  }

  /** Gives its memory to others. It must not be used any more. */
  dispose(): void {
    for (const blocks of this.#planes) for (const block of blocks.splice(0)) freeBlock(block);
  }

  /** Everything alike, by rank, then by key. */
  search(query: Descriptor): VisualMatch[] {
    const ranks = new Map<number, number>();
    const found = (key: number, rank: number) => {
      const known = ranks.get(key);
      if (known === undefined || rank < known) ranks.set(key, rank);
    };
    this.#searchHashes(query, found);
    if (query.plain) this.#searchTones(query.tones, found);
    return Array.from(ranks, ([key, rank]) => ({ key, rank })).sort(
      (a, b) => a.rank - b.rank || a.key - b.key,
    );
  }

  #searchHashes(query: Descriptor, found: (key: number, rank: number) => void): void {
    const probes = probesOf(query);
    this.#planes.forEach((blocks, plane) => {
      const looking = probes.filter((probe) => probe.plane === plane);
      scanBlocks(blocks, this.#keys.length, looking, (row, margin) => {
        const left = margin - this.#discounts[row * INDEXED_VIEWS + plane]!;
        if (left >= 0) found(this.#keys[row]!, rankOfMargin(left));
      });
    });
  }

  #searchTones(tones: Uint8Array, found: (key: number, rank: number) => void): void {
    const ways = dihedralTones(tones);
    for (const [key, other] of this.#plainTones) {
      for (const way of ways) {
        const rank = rankByTones(way, other);
        if (rank !== null) found(key, rank);
      }
    }
  }

  #write(key: number, views: IndexedRow): number {
    const row = this.#freeRows.pop() ?? this.#appendRow();
    this.#keys[row] = key;
    views.forEach((view, plane) => {
      if (!view) return;
      this.#discounts[row * INDEXED_VIEWS + plane] = view.discount;
      writeRow(this.#planes[plane]![Math.floor(row / BLOCK_ROWS)]!, row % BLOCK_ROWS, view.hash);
    });
    return row;
  }

  #appendRow(): number {
    const row = this.#keys.length;
    if (row % BLOCK_ROWS === 0) {
      for (const blocks of this.#planes) blocks.push(allocateBlock());
    }
    if ((row + 1) * INDEXED_VIEWS > this.#discounts.length) {
      const grown = new Uint8Array(2 * this.#discounts.length).fill(NO_HASH);
      grown.set(this.#discounts);
      this.#discounts = grown;
    }
    return row;
  }
}

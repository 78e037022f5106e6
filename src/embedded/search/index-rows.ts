import { INDEXED_VIEWS } from '../picture/views.js';
import type { Plane } from './chunk-postings.js';
import { arena, BLOCK_BYTES, BLOCK_ROWS, copyRow, writeRow } from './hamming-scan.js';
import type { IndexedRow } from './visual-rule.js';

/** Stands for a discount where a row has no hash: more than any margin. */
export const NO_HASH = 255;
const BYTES_OF_KEY = 8;
/** Fewer cleared rows are not worth the move of the others. */
const LEAST_CLEARED = 256;

/** The rows of an index, side by side in memory; one that was cleared keeps its place until all are moved. */
export class IndexRows {
  /** For each indexed view the blocks of its hashes; a row is the same picture in all of them. */
  readonly #blocks: number[][] = Array.from({ length: INDEXED_VIEWS }, () => []);
  /** Whose a row is; null when it was cleared. */
  #keys: (number | null)[] = [];
  /** By row and plane. */
  #discounts = new Uint8Array(INDEXED_VIEWS * BLOCK_ROWS).fill(NO_HASH);
  #cleared = 0;

  /** The rows as each plane sees them. */
  readonly planes: readonly Plane[] = this.#blocks.map((blocks, plane) => ({
    blocks,
    hasHash: (row) => this.discountOf(row, plane) !== NO_HASH,
  }));

  /** How many there are, cleared ones too. */
  get count(): number {
    return this.#keys.length;
  }

  get bytes(): number {
    const others = this.#discounts.byteLength + BYTES_OF_KEY * this.count;
    return this.#blocks.reduce((sum, blocks) => sum + blocks.length * BLOCK_BYTES, others);
  }

  /** Whether most rows were cleared. */
  get isSparse(): boolean {
    return this.#cleared >= LEAST_CLEARED && this.#cleared > this.count / 2;
  }

  keyOf(row: number): number {
    return this.#keys[row]!;
  }

  discountOf(row: number, plane: number): number {
    return this.#discounts[row * INDEXED_VIEWS + plane]!;
  }

  append(key: number, views: IndexedRow): number {
    const row = this.count;
    if (row % BLOCK_ROWS === 0) for (const blocks of this.#blocks) blocks.push(arena.allocate());
    if ((row + 1) * INDEXED_VIEWS > this.#discounts.length) this.#grow();
    this.#keys.push(key);
    views.forEach((view, plane) => {
      if (!view) return;
      this.#discounts[row * INDEXED_VIEWS + plane] = view.discount;
      const { block, row: place } = this.#place(row, plane);
      writeRow(block, place, view.hash);
    });
    return row;
  }

  clear(row: number): void {
    this.#discounts.fill(NO_HASH, row * INDEXED_VIEWS, (row + 1) * INDEXED_VIEWS);
    this.#keys[row] = null;
    this.#cleared++;
  }

  /**
   * Moves all rows that were not cleared together, in their order.
   * @returns the keys of all rows
   */
  compact(): readonly number[] {
    const kept: number[] = [];
    for (const [row, key] of this.#keys.entries()) {
      if (key === null) continue;
      const to = kept.push(key) - 1;
      if (to === row) continue;
      for (let plane = 0; plane < INDEXED_VIEWS; plane++)
        copyRow(this.#place(row, plane), this.#place(to, plane));
      this.#discounts.copyWithin(to * INDEXED_VIEWS, row * INDEXED_VIEWS, (row + 1) * INDEXED_VIEWS);
    }
    this.#discounts = this.#discounts.slice(
      0,
      Math.ceil(kept.length / BLOCK_ROWS + 1) * BLOCK_ROWS * INDEXED_VIEWS,
    );
    this.#discounts.fill(NO_HASH, kept.length * INDEXED_VIEWS);
    for (const blocks of this.#blocks)
      for (const block of blocks.splice(Math.ceil(kept.length / BLOCK_ROWS))) arena.free(block);
    this.#keys = kept;
    this.#cleared = 0;
    return kept;
  }

  dispose(): void {
    for (const blocks of this.#blocks) for (const block of blocks.splice(0)) arena.free(block);
  }

  #place(row: number, plane: number): { block: number; row: number } {
    return { block: this.#blocks[plane]![Math.floor(row / BLOCK_ROWS)]!, row: row % BLOCK_ROWS };
  }

  #grow(): void {
    const grown = new Uint8Array(2 * this.#discounts.length).fill(NO_HASH);
    grown.set(this.#discounts);
    this.#discounts = grown;
  }
}

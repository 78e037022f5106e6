import { NumberList } from '../number-list.js';
import { INDEXED_VIEWS } from '../picture/views.js';
import type { Plane } from './chunk-postings.js';
import { arena, BLOCK_BYTES, BLOCK_ROWS, copyRow, writeRow } from './hamming-scan.js';
import type { IndexedRow } from './visual-rule.js';

/** Stands for a discount where a row has no hash: more than any margin. */
export const NO_HASH = 255;
/** Stands for the key of a row that was cleared. */
const CLEARED = -1;
/** Fewer cleared rows are not worth the move of the others. */
const LEAST_CLEARED = 256;

/** The rows of an index, side by side in memory; one that was cleared keeps its place until all are moved. */
export class IndexRows {
  /** For each indexed view the blocks of its hashes; a row is the same picture in all of them. */
  readonly #blocks: number[][] = Array.from({ length: INDEXED_VIEWS }, () => []);
  /** Whose a row is. */
  readonly #keys = new NumberList(Float64Array);
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
    return this.#keys.count;
  }

  get bytes(): number {
    const others = this.#discounts.byteLength + this.#keys.bytes;
    return this.#blocks.reduce((sum, blocks) => sum + blocks.length * BLOCK_BYTES, others);
  }

  /** Whether most rows were cleared. */
  get isSparse(): boolean {
    return this.#cleared >= LEAST_CLEARED && this.#cleared > this.count / 2;
  }

  /** Of a row that is there; no key of one that was cleared. */
  keyOf(row: number): number {
    return this.#keys.at(row);
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
    this.#keys.set(row, CLEARED);
    this.#cleared++;
  }

  /**
   * Moves all rows that were not cleared together, in their order.
   * @returns how many they are
   */
  compact(): number {
    let kept = 0;
    for (let row = 0; row < this.count; row++) {
      const key = this.keyOf(row);
      if (key === CLEARED) continue;
      const to = kept++;
      if (to === row) continue;
      this.#keys.set(to, key);
      for (let plane = 0; plane < INDEXED_VIEWS; plane++)
        copyRow(this.#place(row, plane), this.#place(to, plane));
      this.#discounts.copyWithin(to * INDEXED_VIEWS, row * INDEXED_VIEWS, (row + 1) * INDEXED_VIEWS);
    }
    this.#discounts = this.#discounts.slice(0, Math.ceil(kept / BLOCK_ROWS + 1) * BLOCK_ROWS * INDEXED_VIEWS);
    this.#discounts.fill(NO_HASH, kept * INDEXED_VIEWS);
    for (const blocks of this.#blocks)
      for (const block of blocks.splice(Math.ceil(kept / BLOCK_ROWS))) arena.free(block);
    this.#keys.truncate(kept);
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

const LEAST_BITS = 4;
/** So full a table becomes twice as large. */
const MOST_FILLED = 2 / 3;

/**
 * Rows by their keys, in 6 to 12 bytes each: a table with linear probing that holds numbers of rows alone, as rows know
 * their keys. Keys are whole numbers from 0 on, rows too, below 2^32 - 1.
 */
export class RowTable {
  readonly #keyOf: (row: number) => number;
  /** Counted from 1; 0 where there is none. */
  #rows = new Uint32Array(2 ** LEAST_BITS);
  #bits = LEAST_BITS;
  #count = 0;

  /** @param keyOf the key of a row that is in the table */
  constructor(keyOf: (row: number) => number) {
    this.#keyOf = keyOf;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#rows.byteLength;
  }

  get(key: number): number | undefined {
    const row = this.#rows[this.#find(key)]!;
    return row === 0 ? undefined : row - 1;
  }

  /** The row has the key already. */
  set(key: number, row: number): void {
    const at = this.#find(key);
    if (this.#rows[at] === 0) this.#count++;
    this.#rows[at] = row + 1;
    if (this.#count > MOST_FILLED * this.#rows.length) this.#widen();
  }

  /** The row still has the key. Nothing happens when there is no such key. */
  delete(key: number): void {
    let hole = this.#find(key);
    if (this.#rows[hole] === 0) return;
    this.#count--;
    const last = this.#rows.length - 1;
    // What stands behind it moves up, where it may stand there.
    for (let at = (hole + 1) & last; this.#rows[at] !== 0; at = (at + 1) & last) {
      const home = this.#homeOf(this.#keyOf(this.#rows[at]! - 1));
      if (((at - home) & last) < ((at - hole) & last)) continue;
      this.#rows[hole] = this.#rows[at]!;
      hole = at;
    }
    this.#rows[hole] = 0;
  }

  clear(): void {
    this.#bits = LEAST_BITS;
    this.#rows = new Uint32Array(2 ** LEAST_BITS);
    this.#count = 0;
  }

  /** Where the row of the key is, or would be. */
  #find(key: number): number {
    let at = this.#homeOf(key);
    while (this.#rows[at] !== 0 && this.#keyOf(this.#rows[at]! - 1) !== key)
      at = (at + 1) & (this.#rows.length - 1);
    return at;
  }

  #homeOf(key: number): number {
    return Math.imul(key ^ (key / 2 ** 32), 0x9e3779b1) >>> (32 - this.#bits);
  }

  #widen(): void {
    const rows = this.#rows;
    this.#bits++;
    this.#rows = new Uint32Array(2 ** this.#bits);
    for (const row of rows) if (row !== 0) this.#rows[this.#find(this.#keyOf(row - 1))] = row;
  }
}

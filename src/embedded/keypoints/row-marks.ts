/** A mark of one bit for each of very many rows: what a search reads of them stays in the processor's caches. */
export class RowMarks {
  #words = new Uint32Array(0);

  /** In bytes. */
  get bytes(): number {
    return this.#words.byteLength;
  }

  /** Takes all marks away. @param rows how many there are: the numbers of those that come are below */
  clear(rows: number): void {
    if (rows > 32 * this.#words.length) this.#words = new Uint32Array(Math.ceil((1.25 * rows) / 32));
    else this.#words.fill(0);
  }

  /** Marks a row. False when it was marked already. */
  add(row: number): boolean {
    const [word, bit] = [row >>> 5, 1 << (row & 31)];
    const marks = this.#words[word]!;
    this.#words[word] = marks | bit;
    return (marks & bit) === 0;
  }

  /** Takes the mark of a row away. False when it had none. */
  delete(row: number): boolean {
    const [word, bit] = [row >>> 5, 1 << (row & 31)];
    const marks = this.#words[word]!;
    this.#words[word] = marks & ~bit;
    return (marks & bit) !== 0;
  }
}

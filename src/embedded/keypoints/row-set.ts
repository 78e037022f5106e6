/**
 * Some of very many rows, each with its place: they are numbered in the order in which they come. It is emptied at once, as
 * a row is there only where its place says so as well.
 */
export class RowSet {
  #size = 0;
  /** By row; of others than those that are there it may be anything. */
  #places = new Uint32Array(0);
  /** By place. */
  #rows: Uint32Array = new Uint32Array(64);

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** In bytes. */
  get bytes(): number {
    return this.#places.byteLength;
  }

  rowOf(place: number): number {
    return this.#rows[place]!;
  }

  /** The place of a row that is there; undefined of others. */
  get(row: number): number | undefined {
    const place = this.#places[row];
    return place !== undefined && place < this.#size && this.#rows[place] === row ? place : undefined;
  }

  /** The place of a row that is there from now on: the size of before where it is new. */
  add(row: number): number {
    const known = this.get(row);
    if (known !== undefined) return known;
    const place = this.#size++;
    if (place === this.#rows.length) this.#rows = copied(this.#rows, 2 * place);
    this.#rows[place] = row;
    this.#places[row] = place;
    return place;
  }

  /** @param rows how many there are in all: the numbers of those that come are below */
  clear(rows: number): void {
    this.#size = 0;
    if (rows > this.#places.length) this.#places = new Uint32Array(Math.ceil(1.25 * rows));
  }
}

function copied(from: Uint32Array, length: number): Uint32Array {
  const to = new Uint32Array(length);
  to.set(from);
  return to;
}

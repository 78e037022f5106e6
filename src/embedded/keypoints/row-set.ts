/**
 * Some of very many rows, each with its place: they are numbered in the order in which they come. It is emptied at once, as
 * the numbers go on where those of before ended.
 */
export class RowSet {
  #size = 0;
  /** The number of the first place. */
  #first = 1;
  /** By row; below the first one of others than those that are there. */
  #numbers = new Uint32Array(0);
  /** By place. */
  #rows: Uint32Array = new Uint32Array(64);
  readonly #mostNumber: number;

  /** @param mostNumber where numbers begin anew */
  constructor(mostNumber = 2 ** 32 - 1) {
    this.#mostNumber = mostNumber;
  }

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** In bytes. */
  get bytes(): number {
    return this.#numbers.byteLength;
  }

  rowOf(place: number): number {
    return this.#rows[place]!;
  }

  /** The place of a row that is there; undefined of others. */
  get(row: number): number | undefined {
    const place = this.#numbers[row]! - this.#first;
    return place >= 0 ? place : undefined;
  }

  /** The place of a row that is there from now on: the size of before where it is new. */
  add(row: number): number {
    const known = this.#numbers[row]! - this.#first;
    if (known >= 0) return known;
    const place = this.#size++;
    if (place === this.#rows.length) this.#rows = copied(this.#rows, 2 * place);
    this.#rows[place] = row;
    this.#numbers[row] = this.#first + place;
    return place;
  }

  /** @param rows how many there are in all: the numbers of those that come are below */
  clear(rows: number): void {
    this.#first += this.#size;
    this.#size = 0;
    if (rows > this.#numbers.length) this.#numbers = new Uint32Array(Math.ceil(1.25 * rows));
    else if (this.#first + rows > this.#mostNumber) this.#numbers.fill(0);
    else return;
    this.#first = 1;
  }
}

function copied(from: Uint32Array, length: number): Uint32Array {
  const to = new Uint32Array(length);
  to.set(from);
  return to;
}

const BLOCK_NUMBERS = 2 ** 13;

/** A typed array. */
interface Block {
  readonly byteLength: number;
  [place: number]: number;
}

/** Numbers by their places, in blocks of a typed array: growing copies nothing, and leaves little unused. */
export class NumberList {
  readonly #Block: new (
    length: number,
  ) => Block;
  readonly #blocks: Block[] = [];
  #count = 0;

  /** @param Block the typed array whose numbers these are */
  constructor(Block: new (length: number) => Block) {
    this.#Block = Block;
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** In bytes. */
  get bytes(): number {
    return this.#blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The number at a place that is there. */
  at(place: number): number {
    return this.#blocks[Math.floor(place / BLOCK_NUMBERS)]![place % BLOCK_NUMBERS]!;
  }

  /** Behind all others. */
  push(number: number): void {
    if (this.#count % BLOCK_NUMBERS === 0) this.#blocks.push(new this.#Block(BLOCK_NUMBERS));
    this.set(this.#count++, number);
  }

  /** Replaces the number at a place that is there. */
  set(place: number, number: number): void {
    this.#blocks[Math.floor(place / BLOCK_NUMBERS)]![place % BLOCK_NUMBERS] = number;
  }

  /** Keeps so many, the first ones. */
  truncate(count: number): void {
    this.#count = count;
    this.#blocks.length = Math.ceil(count / BLOCK_NUMBERS);
  }
}

import { createMemory, PAGE_BYTES } from './web-assembly.js';

/** So many pages are added at once. */
const GROWTH_PAGES = 16;

/** Equal blocks in one memory that a kernel reads: it never shrinks, but blocks that are given back are used again. */
export class BlockArena {
  readonly memory = createMemory();
  readonly #blockBytes: number;
  #next: number;
  readonly #free: number[] = [];
  #words = new Uint32Array(this.memory.buffer);

  /**
   * @param blockBytes a multiple of 4
   * @param reservedBytes before the first block, for what else the kernel works with
   */
  constructor(blockBytes: number, reservedBytes: number) {
    this.#blockBytes = blockBytes;
    this.#next = reservedBytes;
    this.#grow(Math.ceil(reservedBytes / PAGE_BYTES));
  }

  /** The whole memory, until the next block is allocated. */
  get words(): Uint32Array {
    return this.#words;
  }

  /** The address of a block that is all zero. */
  allocate(): number {
    const free = this.#free.pop();
    if (free !== undefined) {
      this.#words.fill(0, free / 4, (free + this.#blockBytes) / 4);
      return free;
    }
    if (this.#next + this.#blockBytes > this.memory.buffer.byteLength) this.#grow(GROWTH_PAGES);
    const block = this.#next;
    this.#next += this.#blockBytes;
    return block;
  }

  /** Gives a block back, which the caller does not use any more. */
  free(block: number): void {
    this.#free.push(block);
  }

  #grow(pages: number): void {
    this.memory.grow(pages);
    this.#words = new Uint32Array(this.memory.buffer);
  }
}

/** From this size on a buffer is used again: what smaller ones cost is not worth their keeping. */
const SMALLEST_BYTES = 16 * 1024;
/** How many buffers of one size are kept while nobody uses them. */
const MAX_KEPT = 16;

/**
 * The memory that files are read into, and that is used again once it is given back: new memory has to be mapped page by page
 * and collected again, which takes as long as reading into it. Sizes are powers of two. Whoever does not give a buffer back,
 * as nobody has to, leaves it to the garbage collector.
 */
export class ReadBuffers {
  readonly #kept = new Map<number, Buffer[]>();

  /** A buffer of at least this length. What stands in it is of no meaning, and may be of another file. */
  take(length: number): Buffer {
    if (length < SMALLEST_BYTES) return Buffer.allocUnsafeSlow(length);
    const size = 2 ** Math.ceil(Math.log2(length));
    return this.#kept.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  /** Takes back a buffer that was taken here, and that nobody reads or writes from now on. */
  giveBack(buffer: Buffer): void {
    if (buffer.length < SMALLEST_BYTES) return;
    const kept = this.#kept.get(buffer.length) ?? [];
    if (kept.length < MAX_KEPT) kept.push(buffer);
    this.#kept.set(buffer.length, kept);
  }
}

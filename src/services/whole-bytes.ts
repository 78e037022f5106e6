import { Readable } from 'node:stream';

/**
 * A stream of bytes that are all there: whoever sends them as they are may take them at once, which costs a fifth of what
 * reading the stream does.
 */
export class WholeBytes extends Readable {
  readonly bytes: Uint8Array;
  #giveBack: (() => void) | undefined;

  /** @param giveBack takes the memory of the bytes back */
  constructor(bytes: Uint8Array, giveBack?: () => void) {
    super();
    this.bytes = bytes;
    this.#giveBack = giveBack;
  }

  /**
   * Gives the memory back, so that other bytes will stand in it. Only for who has taken the bytes at once, and once nobody reads
   * them any more; those who do not call it leave the memory to the garbage collector.
   */
  release(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  override _read(): void {
    // A reader keeps what it was given for as long as it likes.
    this.#giveBack = undefined;
    if (this.bytes.length > 0) this.push(this.bytes);
    this.push(null);
  }
}

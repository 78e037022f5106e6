import { readSync } from 'node:fs';
import { BrokenPictureError } from './picture-header.js';

const BLOCK_LENGTH = 64 * 1024;

/**
 * Reads a file from front to back, a block at a time, so that a long file is never held whole.
 * Synchronous, because decoders ask for single bytes; they run in a thread of their own.
 */
export class ByteReader {
  readonly #fd: number;
  #block = Buffer.alloc(0);
  #at = 0;
  #position: number;

  constructor(fd: number, position = 0) {
    this.#fd = fd;
    this.#position = position;
  }

  /** @throws {BrokenPictureError} at the end of the file */
  byte(): number {
    if (this.#at === this.#block.length) this.#fill();
    return this.#block[this.#at++]!;
  }

  /**
   * @returns bytes that are good until the next call
   * @throws {BrokenPictureError} at the end of the file
   */
  bytes(length: number): Buffer {
    while (this.#held < length) this.#fill(length - this.#held);
    this.#at += length;
    return this.#block.subarray(this.#at - length, this.#at);
  }

  /** Goes on behind the next `length` bytes without reading them. */
  skip(length: number): void {
    const held = this.#held;
    this.#at += Math.min(length, held);
    this.#position += Math.max(0, length - held);
  }

  /**
   * Goes on behind the next byte of that value.
   *
   * @throws {BrokenPictureError} when there is none
   */
  skipPast(value: number): void {
    let at = this.#block.indexOf(value, this.#at);
    while (at < 0) {
      this.#at = this.#block.length;
      this.#fill();
      at = this.#block.indexOf(value);
    }
    this.#at = at + 1;
  }

  /** Where in the file the next byte is. */
  get position(): number {
    return this.#position - this.#held;
  }

  /** How many bytes are in memory and not read yet. */
  get #held(): number {
    return this.#block.length - this.#at;
  }

  /** Appends the next block of the file, or as much as is missing, to what is not read yet. */
  #fill(missing = 1): void {
    const held = this.#block.subarray(this.#at);
    const block = Buffer.allocUnsafe(held.length + Math.max(missing, BLOCK_LENGTH));
    held.copy(block);
    const length = readSync(this.#fd, block, held.length, block.length - held.length, this.#position);
    if (length === 0) throw new BrokenPictureError('The file ends too early.');
    this.#position += length;
    this.#block = block.subarray(0, held.length + length);
    this.#at = 0;
  }
}

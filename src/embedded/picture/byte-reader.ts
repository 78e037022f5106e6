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
    while (this.#block.length - this.#at < length) this.#fill();
    this.#at += length;
    return this.#block.subarray(this.#at - length, this.#at);
  }

  /** Goes on behind the next `length` bytes without reading them. */
  skip(length: number): void {
    const held = this.#block.length - this.#at;
    this.#at += Math.min(length, held);
    this.#position += Math.max(0, length - held);
  }

  /** Where in the file the next byte is. */
  get position(): number {
    return this.#position - (this.#block.length - this.#at);
  }

  /** Appends the next block of the file to what is not read yet. */
  #fill(): void {
    const next = Buffer.allocUnsafe(BLOCK_LENGTH);
    const length = readSync(this.#fd, next, 0, BLOCK_LENGTH, this.#position);
    if (length === 0) throw new BrokenPictureError('The file ends too early.');
    this.#position += length;
    this.#block = Buffer.concat([this.#block.subarray(this.#at), next.subarray(0, length)]);
    this.#at = 0;
  }
}

import { writev } from 'node:fs';
import type { IHasher } from 'hash-wasm';
import { TooManyBytesError } from '../services/staged-image.js';

/** Most pictures are written at once: each write goes through another thread, and takes as long as hashing 30 KiB. */
const WRITE_BYTES = 256 * 1024;
/** What all that come in at a time may hold until it is written; then they write what comes as it comes. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

let heldBytes = 0;

export interface ReceiveLimits {
  maxBytes: number;
  signal: AbortSignal | undefined;
}

/**
 * Writes bytes into an open file while they come in, and hashes them on the way.
 * @returns how many there were
 * @throws TooManyBytesError
 */
export async function receive(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  fd: number,
  hashers: readonly IHasher[],
  { maxBytes, signal }: ReceiveLimits,
): Promise<number> {
  let size = 0;
  const chunks = new HeldChunks();
  try {
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      size += chunk.byteLength;
      if (size > maxBytes) throw new TooManyBytesError(maxBytes);
      for (const hasher of hashers) hasher.update(chunk);
      chunks.add(chunk);
      if (chunks.bytes >= WRITE_BYTES || heldBytes > MAX_HELD_BYTES) await writeAll(fd, chunks.take());
    }
    signal?.throwIfAborted();
    await writeAll(fd, chunks.take());
  } finally {
    chunks.take();
  }
  return size;
}

/** Chunks that are not written yet. */
class HeldChunks {
  bytes = 0;
  #chunks: Uint8Array[] = [];

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.byteLength;
    heldBytes += chunk.byteLength;
  }

  take(): Uint8Array[] {
    const chunks = this.#chunks;
    heldBytes -= this.bytes;
    this.#chunks = [];
    this.bytes = 0;
    return chunks;
  }
}

async function writeAll(fd: number, chunks: readonly Uint8Array[]): Promise<void> {
  for (let left = chunks.filter(({ byteLength }) => byteLength > 0); left.length > 0; )
    left = behind(left, await written(fd, left));
}

function written(fd: number, chunks: readonly Uint8Array[]): Promise<number> {
  return new Promise((resolve, reject) =>
    writev(fd, chunks, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  );
}

/** The chunks without their first bytes: a disk that is nearly full takes some of them. */
function behind(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = bytes;
  return chunks.flatMap((chunk) => {
    const start = Math.min(skipped, chunk.byteLength);
    skipped -= start;
    return start < chunk.byteLength ? [chunk.subarray(start)] : [];
  });
}

import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IHasher } from 'hash-wasm';
import { StorageError } from '../../../services/storage-error.js';
import type { HasherPool } from '../../staging.js';

/**
 * Hands on bytes that must have a content hash. The last of them are held back until all have been seen, so that nobody
 * takes other bytes as whole: the stream fails with a StorageError then.
 */
export function verified(source: Readable, contentHash: string, hashers: HasherPool): Readable {
  const stream = new PassThrough();
  // It may fail before the reader listens; the reader still meets the error when it does.
  stream.on('error', () => {});
  hashers
    .use((hasher) => pipeline(source, (chunks) => check(chunks, contentHash, hasher), stream))
    // The pipeline has destroyed the stream with it, unless there was no hasher to begin with.
    .catch((error: Error) => stream.destroy(error));
  return stream;
}

async function* check(chunks: AsyncIterable<Buffer>, contentHash: string, hasher: IHasher) {
  let held: Buffer | null = null;
  for await (const chunk of chunks) {
    hasher.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  if (hasher.digest('hex') !== contentHash)
    throw new StorageError('the object store gave other bytes than were stored', {
      code: 'UNAVAILABLE',
      retryable: false,
      cause: new Error(`The object of ${contentHash} has another hash.`),
    });
  if (held) yield held;
}

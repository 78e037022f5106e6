import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IHasher } from 'hash-wasm';
import type { HasherPool } from '../../staging.js';
import { CorruptBlobError } from '../blobs.js';

interface VerifiedObject {
  place: string;
  contentHash: string;
}

/**
 * Hands on bytes that must have a content hash. The last of them are held back until all have been seen, so that nobody
 * takes other bytes as whole: the stream fails with a CorruptBlobError then.
 */
export function verified(
  source: Readable,
  { place, contentHash }: VerifiedObject,
  hashers: HasherPool,
): Readable {
  const stream = new PassThrough();
  // It may fail before the reader listens; the reader still meets the error when it does.
  stream.on('error', () => {});
  hashers
    .use((hasher) => pipeline(source, (chunks) => check(chunks, { place, contentHash }, hasher), stream))
    // The pipeline has destroyed the stream with it, unless there was no hasher to begin with.
    .catch((error: Error) => stream.destroy(error));
  return stream;
}

async function* check(
  chunks: AsyncIterable<Buffer>,
  { place, contentHash }: VerifiedObject,
  hasher: IHasher,
) {
  let held: Buffer | null = null;
  for await (const chunk of chunks) {
    hasher.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  if (hasher.digest('hex') !== contentHash) throw new CorruptBlobError(place);
  if (held) yield held;
}

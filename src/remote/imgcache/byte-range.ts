import { Readable } from 'node:stream';
import type { ByteRange } from '../../services/entry.js';

/** The bytes of a stream within a range; it destroys the source as soon as it has them. */
export function sliceStream(source: Readable, range: ByteRange): Readable {
  const slice = Readable.from(chunksWithin(source, range), { objectMode: false });
  // A reader that ends before its first read never starts the generator, which would end the source.
  return slice.once('close', () => source.destroy());
}

async function* chunksWithin(
  source: AsyncIterable<Buffer>,
  { start, end }: ByteRange,
): AsyncGenerator<Buffer> {
  let offset = 0;
  for await (const chunk of source) {
    const part = chunk.subarray(Math.max(0, start - offset), Math.max(0, end + 1 - offset));
    if (part.length > 0) yield part;
    offset += chunk.length;
    if (offset > end) return;
  }
}

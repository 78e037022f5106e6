import { Readable } from 'node:stream';
import { blake2b } from 'hash-wasm';
import {
  type PictureFacts,
  type StagedImage,
  type Staging,
  TooManyBytesError,
} from '#src/services/staged-image.js';

const SIGNATURES: readonly (readonly [string, Buffer])[] = [
  ['image/png', Buffer.from('89504e470d0a1a0a', 'hex')],
  ['image/jpeg', Buffer.from('ffd8ff', 'hex')],
];

/** A staged image of bytes in memory. Whatever starts like a PNG or a JPEG counts as a picture. */
export async function stageBuffer(bytes: Buffer, dispose = () => {}): Promise<StagedImage> {
  return {
    contentHash: await blake2b(bytes, 256),
    size: bytes.length,
    path: '/dev/null',
    facts: async () => factsOf(bytes),
    stream: () => Readable.from(bytes.length > 0 ? [bytes] : []),
    [Symbol.asyncDispose]: async () => dispose(),
  };
}

/** Stages in memory, and counts what was staged and not disposed of. */
export class MemoryStaging implements Staging {
  open = 0;
  /** How many bytes it was given, those of refused bodies included. */
  bytesRead = 0;

  async stage(
    bytes: AsyncIterable<Uint8Array>,
    { maxBytes = Number.POSITIVE_INFINITY, signal }: { maxBytes?: number; signal?: AbortSignal } = {},
  ): Promise<StagedImage> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      size += chunk.length;
      this.bytesRead += chunk.length;
      if (size > maxBytes) throw new TooManyBytesError(maxBytes);
      chunks.push(chunk);
    }
    this.open++;
    return stageBuffer(Buffer.concat(chunks), () => this.open--);
  }
}

function factsOf(bytes: Buffer): PictureFacts {
  const known = SIGNATURES.find(([, signature]) => bytes.subarray(0, signature.length).equals(signature));
  if (!known) {
    const problem = bytes.length === 0 ? 'EMPTY' : 'NOT_AN_IMAGE';
    return {
      contentType: 'application/octet-stream',
      width: null,
      height: null,
      perceptualHash: null,
      problem,
    };
  }
  return { contentType: known[0], width: 1, height: 1, perceptualHash: '0'.repeat(16), problem: null };
}

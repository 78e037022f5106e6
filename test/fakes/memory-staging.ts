import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { blake2b, blake3 } from 'hash-wasm';
import {
  type PictureFacts,
  type StagedImage,
  type Staging,
  TooManyBytesError,
} from '#src/services/staged-image.js';

/** What the bytes of an image say, for tests that do not decode pictures. */
export type FactsOf = (contentHash: string, bytes: Buffer) => PictureFacts;

export const NO_PICTURE: PictureFacts = {
  contentType: 'application/octet-stream',
  width: null,
  height: null,
  perceptualHash: null,
  problem: 'NOT_AN_IMAGE',
};

/** A staged image in memory. It becomes a file only when it is moved to one. */
export async function stageBytes(bytes: Buffer, factsOf: FactsOf = () => NO_PICTURE): Promise<StagedImage> {
  const contentHash = await blake2b(bytes, 256);
  return {
    contentHash,
    size: bytes.length,
    blake3: () => blake3(bytes),
    facts: async () => factsOf(contentHash, bytes),
    description: async () => null,
    stream: () => Readable.from(bytes.length > 0 ? [bytes] : []),
    share: () => stageBytes(bytes, factsOf),
    moveTo: (path) => writeFile(path, bytes),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Staging in memory, which knows how many images are staged and not yet disposed of. */
export class MemoryStaging implements Staging {
  /** Receptions that have begun and neither failed nor been disposed of. */
  open = 0;
  /** How many bytes it was given, those of refused bodies included. */
  bytesRead = 0;
  readonly #factsOf: FactsOf | undefined;

  constructor(factsOf?: FactsOf) {
    this.#factsOf = factsOf;
  }

  async stage(
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    { maxBytes = Number.POSITIVE_INFINITY, signal }: { maxBytes?: number; signal?: AbortSignal } = {},
  ): Promise<StagedImage> {
    this.open++;
    try {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of bytes) {
        signal?.throwIfAborted();
        size += chunk.length;
        this.bytesRead += chunk.length;
        if (size > maxBytes) throw new TooManyBytesError(maxBytes);
        chunks.push(chunk);
      }
      return this.#tracked(Buffer.concat(chunks));
    } catch (error) {
      this.open--;
      throw error;
    }
  }

  async #tracked(bytes: Buffer): Promise<StagedImage> {
    return Object.assign(await stageBytes(bytes, this.#factsOf), {
      share: () => {
        this.open++;
        return this.#tracked(bytes);
      },
      [Symbol.asyncDispose]: async () => void this.open--,
    });
  }
}

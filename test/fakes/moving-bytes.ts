import { Readable } from 'node:stream';
import { type Blobs, MissingBlobError, type StoredObject } from '#src/embedded/blobs/blobs.js';
import { type BlobStore, BytesGoneError, type NewBytes } from '#src/embedded/store/blob-store.js';
import type { StagedImage } from '#src/services/staged-image.js';

/** Bytes in memory at places that are never used twice, and rows that need them, as several processes share them. */
export class MovingBytes {
  readonly objects = new Map<string, Buffer>();
  /** Places by content hash, as rows have them. */
  readonly needed = new Map<string, string>();
  /** Announced or released, by place. */
  readonly garbage = new Map<string, { contentHash: string; claimed: boolean }>();
  #lastPlace = 0;

  readonly blobStore: BlobStore = {
    findPlace: async (contentHash) => this.needed.get(contentHash) ?? null,
    findPlaces: async (contentHashes) =>
      new Map([...this.needed].filter(([contentHash]) => contentHashes.includes(contentHash))),
    announce: async (contentHash) => {
      const place = `${contentHash}-${++this.#lastPlace}`;
      this.garbage.set(place, { contentHash, claimed: false });
      return place;
    },
    announceAgain: async (contentHash, place) => {
      const isKnown = this.garbage.has(place) || [...this.needed.values()].includes(place);
      if (!isKnown) this.garbage.set(place, { contentHash, claimed: false });
    },
    findReleased: async (_graceMs, limit) =>
      [...this.garbage].slice(0, limit).map(([place, { contentHash }]) => ({ place, contentHash })),
    findInterrupted: async () => [],
    claim: async (_contentHash, place) => {
      const found = this.garbage.get(place);
      if (!found) return false;
      found.claimed = true;
      return true;
    },
    forget: async (_contentHash, place) => void this.garbage.delete(place),
    findBlake3: async () => new Map(),
    findByBlake3: async () => new Map(),
    listWithoutBlake3: async () => [],
    setBlake3: async () => {},
  };

  readonly blobs: Blobs = {
    sizeOf: async (place) => this.objects.get(place)?.length ?? null,
    put: async (place, image) => {
      const chunks: Buffer[] = [];
      for await (const chunk of image.stream()) chunks.push(chunk);
      this.objects.set(place, Buffer.concat(chunks));
    },
    open: async (place) => {
      const bytes = this.objects.get(place);
      if (!bytes) throw new MissingBlobError(place);
      return Readable.from([bytes]);
    },
    remove: async (place) => void this.objects.delete(place),
    localFile: async (place) => {
      if (!this.objects.has(place)) throw new MissingBlobError(place);
      return { path: `/of/${place}`, dispose: async () => {} };
    },
    list: async function* (): AsyncGenerator<StoredObject[]> {},
    nameOf: (place) => place,
    setAside: async (place) => place,
    probe: async () => {},
  };

  /** Writes the row that needs the bytes, as a transaction does. */
  writeRow(contentHash: string, written?: NewBytes): void {
    if (!written) {
      if (!this.needed.has(contentHash)) throw new BytesGoneError();
      return;
    }
    const { place, replaces } = written;
    if (this.garbage.get(place)?.claimed !== false) throw new BytesGoneError();
    const known = this.needed.get(contentHash);
    // The bytes of another writer stay, and these are swept.
    if (known !== undefined && known !== replaces) return;
    this.garbage.delete(place);
    this.needed.set(contentHash, place);
  }

  /** The last row that needed these bytes goes. */
  release(contentHash: string): void {
    const place = this.needed.get(contentHash)!;
    this.needed.delete(contentHash);
    this.garbage.set(place, { contentHash, claimed: false });
  }
}

export function imageOf(contentHash: string, bytes: Buffer): StagedImage {
  const unused = () => {
    throw new Error('Nobody asks for it.');
  };
  return {
    contentHash,
    size: bytes.length,
    blake3: unused,
    stream: () => Readable.from([bytes]),
    facts: unused,
    description: unused,
    share: unused,
    moveTo: unused,
    [Symbol.asyncDispose]: async () => {},
  };
}

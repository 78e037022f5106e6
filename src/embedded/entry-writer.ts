import type { Entry } from '../services/entry.js';
import { notesProblem } from '../services/entry-notes.js';
import type { EntryRecord, StoreStatus } from '../services/entry-origin.js';
import { ServiceError } from '../services/errors.js';
import type { StagedImage } from '../services/staged-image.js';
import type { Blobs } from './blobs/blobs.js';
import { writeWithBytes } from './blobs/write-with-bytes.js';
import type { KeyedLock } from './keyed-lock.js';
import type { NewEntry } from './store/entry-store.js';
import type { Store } from './store/store.js';

export interface EntryWriterParts {
  store: Store;
  blobs: Blobs;
  /** The lock by content hash that the sweeper takes too. */
  locks: KeyedLock;
}

/** Where the bytes of an entry came from; without times they are those of now. */
export type NewOrigin = Omit<EntryRecord, 'lookupTime' | 'createdAt' | 'retrievedAt'> &
  Pick<NewEntry, 'lookupTime' | 'createdAt' | 'retrievedAt'>;

/** Writes entries into buckets. Bytes that have an entry in any of them are not decoded again. */
export class EntryWriter {
  readonly #parts: EntryWriterParts;

  constructor(parts: EntryWriterParts) {
    this.#parts = parts;
  }

  async write(
    bucket: string,
    image: StagedImage,
    { facts: given, ...origin }: NewOrigin,
    signal?: AbortSignal,
  ): Promise<{ entry: Entry; status: StoreStatus }> {
    signal?.throwIfAborted();
    const problem = notesProblem(origin);
    if (problem !== null) throw refused(problem);
    const { store, locks } = this.#parts;
    const { contentHash, size } = image;
    return locks.run(contentHash, async () => {
      const [known] = await store.buckets.find(contentHash);
      const { contentType, width, height, perceptualHash } = known ?? given ?? (await image.facts());
      const facts = { contentType, width, height, perceptualHash };
      // Clients that have a retrieval noted name the bytes by it next; to others it may come later.
      const isNoted = known && (origin.retrievedAt !== 'NOW' || (await this.#knowsBlake3(contentHash)));
      const blake3 = isNoted ? undefined : await image.blake3();
      const row = { ...origin, ...facts, contentHash, fileSizeBytes: size, blake3 };
      const stored = await writeWithBytes(this.#parts, image, (written) =>
        store.entries.inBucket(bucket).insert(row, written),
      );
      // A new row notes it with its bytes.
      if (blake3 !== undefined && stored.status !== 'CREATED')
        await store.blobs.setBlake3(contentHash, blake3);
      return stored;
    });
  }

  async #knowsBlake3(contentHash: string): Promise<boolean> {
    return (await this.#parts.store.blobs.findBlake3([contentHash])).has(contentHash);
  }
}

function refused(problem: string): ServiceError {
  return new ServiceError(`imgcache does not take the notes: ${problem}`, {
    service: 'IMGCACHE',
    code: 'REFUSED',
    retryable: false,
  });
}

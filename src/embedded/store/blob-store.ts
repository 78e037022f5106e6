/** Bytes at a place that no row needs. */
export interface ReleasedBytes {
  contentHash: string;
  place: string;
}

/** Bytes that have just been written, for the row that needs them. */
export interface NewBytes {
  /** As it was announced. */
  place: string;
  /** The place that was known before, where the bytes were found lost; a later place than it stays. */
  replaces?: string;
}

/** Thrown by a write of a row when the bytes that it needs were swept meanwhile: they have to be written once more. */
export class BytesGoneError extends Error {
  override readonly name = 'BytesGoneError';
}

/**
 * Which bytes there are, at which place, and whether any row needs them: the sweeper removes those that none needs.
 *
 * Bytes are announced, written, and then needed by a row. Who removes bytes claims their place first; no row takes a
 * claimed place. A place that is not the content hash itself is never used twice.
 */
export interface BlobStore {
  /** Where the bytes are that a row needs or needed; null when they are not known. They may be lost nevertheless. */
  findPlace(contentHash: string): Promise<string | null>;
  /** The same for many, by content hash; those that are not known are absent. */
  findPlaces(contentHashes: readonly string[]): Promise<Map<string, string>>;
  /**
   * Notes a place that bytes are about to be written to, so that they are swept when no row comes to need them: the
   * process may end in between. The note is durable before all that is written later, but perhaps not when this returns.
   */
  announce(contentHash: string): Promise<string>;
  /**
   * Notes a place once more whose note a sweeper has forgotten, as bytes came to it only after the sweep: a writer may
   * stand still for longer than any grace time. Nothing happens where a row needs the bytes.
   */
  announceAgain(contentHash: string, place: string): Promise<void>;
  /** Bytes that no row has needed for longer than the grace time, by the database's clock; the longest first. */
  findReleased(graceMs: number, limit: number): Promise<ReleasedBytes[]>;
  /** Bytes whose writers ended before a row needed them; none where others may be writing, which time alone tells. */
  findInterrupted(limit: number): Promise<ReleasedBytes[]>;
  /**
   * True when no row needs the bytes at this place, and from now on none will. Repeatable. The caller holds this
   * process's lock of the content hash.
   */
  claim(contentHash: string, place: string): Promise<boolean>;
  /** Forgets a claimed place whose bytes are gone. */
  forget(contentHash: string, place: string): Promise<void>;

  /** The BLAKE3 of bytes that a row needs, by content hash; those of which it is not known are absent. */
  findBlake3(contentHashes: readonly string[]): Promise<Map<string, string>>;
  /** The other way round: the content hashes of bytes that a row needs, by BLAKE3. */
  findByBlake3(blake3: readonly string[]): Promise<Map<string, string>>;
  /** Bytes that a row needs and whose BLAKE3 is not known, by content hash: those behind `after`. */
  listWithoutBlake3(after: string, limit: number): Promise<string[]>;
  /** Nothing happens where the bytes are gone by now. */
  setBlake3(contentHash: string, blake3: string): Promise<void>;
}

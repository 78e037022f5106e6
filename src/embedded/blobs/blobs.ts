import type { Readable } from 'node:stream';
import type { CallSignal } from '../../services/call-signal.js';
import type { ByteRange } from '../../services/entry.js';
import type { StagedImage } from '../../services/staged-image.js';
import { StorageError } from '../../services/storage-error.js';

/** An object that is kept, as a list of all of them gives it. */
export interface StoredObject {
  place: string;
  contentHash: string;
  /**
   * When it was written, for a check: what nothing knows of may have been written just now. Null where a row knows of
   * each object from before it is written until after it is gone.
   */
  modifiedAt: Date | null;
}

/** Bytes in a file of this machine, for those who need a path. */
export interface LocalFile {
  path: string;
  /** Whoever asked for the file calls it once and does not use the path any more. */
  dispose(): Promise<void>;
}

/** The bytes of pictures. Each lies at a place, which the rows know: see BlobStore. */
export interface Blobs {
  /** In bytes; null when there is nothing at this place. */
  sizeOf(place: string): Promise<number | null>;
  /** Durable when it returns. Where the same bytes are already, they are replaced in one step. */
  put(place: string, image: StagedImage): Promise<void>;
  /**
   * Opens the bytes. When they turn out to be others on the way, the stream fails with a CorruptBlobError before its end.
   * @throws MissingBlobError
   */
  open(place: string, range?: ByteRange, signal?: CallSignal): Promise<Readable>;
  /** Durable when it returns. Nothing happens when there is nothing at this place. */
  remove(place: string): Promise<void>;
  /**
   * @param enough as many bytes from the beginning are enough, fewer than there are: the file may hold no more
   * @throws MissingBlobError
   */
  localFile(place: string, signal?: CallSignal, enough?: number): Promise<LocalFile>;
  /** Every object with the name of a content hash, in batches: between two of them others may write. */
  list(): AsyncIterable<readonly StoredObject[]>;
  /** A place as a person finds it: the path of a file, the key of an object. */
  nameOf(place: string): string;
  /**
   * Takes an object away without deleting it, as it may be somebody's only copy.
   * @returns where it is now, as a person finds it
   */
  setAside(place: string): Promise<string>;
  /**
   * Whether bytes can be read and written.
   * @throws an error whose message is one line and names what is wrong
   */
  probe(signal?: CallSignal): Promise<void>;
}

/** Thrown when there is nothing at a place. */
export class MissingBlobError extends Error {
  override readonly name = 'MissingBlobError';

  constructor(place: string, options?: ErrorOptions) {
    super(`The bytes ${place} are lost: lookalike check says what else is.`, options);
  }
}

/** Thrown when what is at a place is found to be other bytes than those with its content hash. */
export class CorruptBlobError extends StorageError {
  constructor(place: string) {
    const cause = new Error(`The bytes ${place} are corrupt: lookalike check says what else is.`);
    super('the object store gave other bytes than were stored', {
      code: 'UNAVAILABLE',
      retryable: false,
      cause,
    });
    this.name = 'CorruptBlobError';
  }
}

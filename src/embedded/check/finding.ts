import type { PictureDescription, PictureFacts } from '../../services/staged-image.js';
import type { StoredBytes } from '../blobs/read-bytes.js';
import type { RemovedRows } from '../store/audit.js';
import type { Store } from '../store/store.js';

export type FindingKind =
  | 'damaged-database'
  | 'missing-collection'
  | 'collection-without-keys'
  | 'wrong-url-hash'
  | 'url-without-entry'
  | 'entry-without-url'
  | 'wrong-deletion'
  | 'lost-bytes'
  | 'corrupt-bytes'
  | 'wrong-size'
  | 'wrong-count'
  | 'stray-file'
  | 'broken-hash'
  | 'broken-descriptor'
  | 'outdated-descriptors';

/** Something in a data folder that is not as it should be. */
export interface Finding {
  kind: FindingKind;
  /** Of the bytes that it is about. */
  contentHash?: string;
  /** Where these bytes are or should be, as a person finds them: the path of a file, the key of an object. */
  object?: string;
  /** One sentence. */
  problem: string;
  /** The result of the repair, in one sentence. */
  remedy: string;
  /** @throws when it cannot be repaired */
  repair(tools: RepairTools): Promise<void>;
}

/** A data folder to look at; somebody may write to it meanwhile. */
export interface CheckedFolder extends StoredBytes {
  /** May be open for reading only. */
  store: Store;
  /** Leaves out the checks that have to read all bytes. */
  quick: boolean;
  /** In pictures, now and then. */
  onProgress(progress: { done: number; total: number }): void;
}

/** The tools of repairs, of which one runs at a time. Of a folder it is the only writer. */
export interface RepairTools extends StoredBytes {
  store: Store;
  pictures: {
    read(path: string): Promise<PictureFacts>;
    describe(path: string): Promise<PictureDescription | null>;
  };
  /** For a database that does not keep removed rows itself. */
  setAside: RemovedRows;
}

/** Finds one after the other, so that each can be repaired before the next is looked for. */
export type Check = (folder: CheckedFolder) => AsyncIterable<Finding>;

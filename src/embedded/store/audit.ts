import type { Timestamp } from '../../services/timestamp.js';
import type { KeyPair } from './store.js';

/** Rows as they come, in batches: between two of them others may write. */
export type Batches<Row> = AsyncIterable<readonly Row[]>;

/** The row of a URL, in the names that rows are set aside under. */
export interface UrlRow {
  seq: number;
  content_hash: string;
  url: string;
}

/** Bytes that rows need. The size is null where only a collection has the picture. */
export interface NeededBytes {
  contentHash: string;
  size: number | null;
}

/**
 * Where rows are written down before they are removed. A database that several processes share keeps them itself, in
 * `removed_rows`, and in the same transaction.
 */
export interface RemovedRows {
  rows(table: 'entries' | 'entry_urls' | 'images', rows: readonly object[]): Promise<void>;
}

/**
 * The reads of a check, which may be made on a connection that only reads, and the writes of its repairs. Each repair looks
 * once more at what it repairs: others may have written meanwhile.
 */
export interface Audit {
  /** The name of the database's kind, for messages. */
  readonly database: string;
  /** The database's own report of damage; empty when its tables can be relied on. `quick` leaves out what takes long. */
  integrityProblems(quick: boolean): Promise<readonly string[]>;
  /** Builds the indexes anew, as far as the tables can be read. */
  rebuildIndexes(): Promise<void>;

  /** Ids that images or keys name, of collections that are not there. */
  missingCollections(): Batches<{ collectionId: string }>;
  collectionsWithoutKeys(): Batches<{ collectionId: string }>;
  insertNamelessCollection(collectionId: string, createdAt: Timestamp): Promise<void>;
  /** Nothing happens when the collection has any by now. */
  addMissingKeys(collectionId: string, keys: KeyPair, createdAt: Timestamp): Promise<void>;

  /** URLs of entries that are not there, with all of their columns. */
  urlsWithoutEntry(): Batches<UrlRow>;
  /** URLs that a look-up does not find. */
  urlsWithWrongHash(): Batches<UrlRow>;
  /** Entries that are not under their own URL. */
  entriesWithoutUrl(): Batches<UrlRow>;
  /** Removes the URL of an entry that is not there. */
  removeUrl(seq: number, removed: RemovedRows): Promise<void>;
  /** Lets a URL be looked up; where the same URL was stored once more since, this row takes its place. */
  correctUrlHash(row: UrlRow): Promise<void>;
  /** Notes the URL of an entry under itself. */
  insertOwnUrl(entrySeq: number): Promise<void>;

  /** Notes of deletions of rows that are there. */
  wrongDeletions(of: DeletableKind): Batches<{ id: number; seq: number }>;
  deleteDeletion(of: DeletableKind, id: number): Promise<void>;

  /** By content hash, each once, though several tables may need it. */
  neededBytes(): Batches<NeededBytes>;
  countNeededBytes(): Promise<number>;
  /** Those of one content hash; null when no row needs it by now. */
  findNeededBytes(contentHash: string): Promise<NeededBytes | null>;
  /**
   * Removes all rows that need these bytes, unless they are at another place by now.
   * @param place where they were found lost; null where no place was known
   */
  removeRowsThatNeed(contentHash: string, place: string | null, removed: RemovedRows): Promise<void>;
  correctSize(contentHash: string, size: number): Promise<void>;

  /** Bytes whose count is not the number of rows that need them. */
  wrongCounts(): Batches<WrongCount>;
  correctCount(contentHash: string, needed: number): Promise<void>;
  /** The places of those objects that any row or note knows. */
  knownPlaces(objects: readonly { contentHash: string; place: string }[]): Promise<ReadonlySet<string>>;

  /** Entries whose columns of a perceptual hash hold none. */
  brokenHashes(): Batches<{ seq: number; contentHash: string }>;
  correctHash(entrySeq: number, perceptualHash: string | null): Promise<void>;

  /** Images whose descriptor claims to be of a version and does not have its form. */
  brokenDescriptors(form: DescriptorForm): Batches<DescribedImage>;
}

export type DeletableKind = 'entry' | 'image';

/** A descriptor's length, and the version in its first byte. */
export interface DescriptorForm {
  version: number;
  bytes: number;
}

export interface DescribedImage {
  seq: number;
  collectionId: string;
  imageId: string;
  contentHash: string;
}

export interface WrongCount {
  contentHash: string;
  refs: number;
  releasedAt: Timestamp | null;
  needed: number;
}

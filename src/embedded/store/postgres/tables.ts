import type { ColumnType, Generated, Kysely } from 'kysely';

/** A column that is set when the row is written and never again. */
type Fixed<T> = ColumnType<T, T, never>;
/** A column that the database fills by its own clock where nothing is given. */
type Time = ColumnType<string, string | undefined, never>;

/**
 * Entries of all buckets are in `all_entries`. Its part `entries` has those of the default bucket, as gateways of the version before
 * know them; `bucket_entries` has all others. The tables of URLs are the same.
 */
export interface EntriesTable {
  /** Grows with every row and is never given twice. Rows may become visible in another order. */
  seq: Generated<number>;
  content_hash: Fixed<Buffer>;
  /** Empty for the default one. */
  bucket: Fixed<string>;
  url: Fixed<string>;
  content_type: string;
  file_size_bytes: Fixed<number>;
  original_filename: string | null;
  width: number | null;
  height: number | null;
  /** The dHash in two halves of 32 bits, as signed numbers, the more significant first; both null when there is none. */
  hash_high: number | null;
  hash_low: number | null;
  client_name: Fixed<string>;
  lookup_time: Time;
  created_at: Time;
  retrieved_at: string | null;
  prefix: Fixed<string | null>;
  /** JSON as text, which may say what a jsonb cannot; null for nothing. */
  meta: Fixed<string | null>;
}

/** Every URL that the bytes of an entry were stored under. */
export interface EntryUrlsTable {
  seq: Generated<number>;
  content_hash: Fixed<Buffer>;
  bucket: Fixed<string>;
  url: Fixed<string>;
  /** Of the URL: an index over URLs of any length would be too wide. */
  url_hash: Buffer;
  client_name: Fixed<string>;
  lookup_time: Time;
  created_at: Time;
}

/** Bytes that are kept, and by how many rows of other tables. */
export interface BlobsTable {
  content_hash: Fixed<Buffer>;
  /** Where they are among the objects. */
  place: string;
  refs: number;
  /** When the last reference went; null while there is one. */
  released_at: string | null;
  /** Null where it is not known yet. */
  blake3: Buffer | null;
}

/** Places that no row of `blobs` has: about to be written, given up, or being removed. No place is ever used twice. */
export interface BlobGarbageTable {
  place: Fixed<string>;
  content_hash: Fixed<Buffer>;
  since: Generated<string>;
  /** When somebody set out to remove the bytes; from then on no row may take the place. */
  claimed: string | null;
}

export interface CollectionsTable {
  collection_id: Fixed<string>;
  name: string | null;
  user: string | null;
  created_at: Fixed<string>;
  /** From then on it is no collection any more. Its row stays: no id is given twice. */
  deleted_at: ColumnType<string | null, string | null | undefined, string>;
}

/** The keys that requests to a collection are signed with. Verifying a signature takes the secret itself. */
export interface CollectionKeysTable {
  public_key: Fixed<string>;
  collection_id: Fixed<string>;
  secret_key: Fixed<string>;
  created_at: Fixed<string>;
}

/** The images of the collections. Whatever changes of what searches follow, the row gets a new seq. */
export interface ImagesTable {
  seq: Generated<number>;
  collection_id: Fixed<string>;
  image_id: Fixed<string>;
  content_hash: Buffer;
  image_time: ColumnType<string, string | undefined, string>;
  descriptor_version: number;
  descriptor: Buffer;
}

/** The keypoints of the image of the same seq. */
export interface ImageKeypointsTable {
  seq: number;
  version: number;
  keypoints: Buffer;
}

/**
 * Rows of entries with a hash, and of images, that came or went: what searches that keep rows in memory follow. The
 * transaction says what they have seen already; a seq whose row is gone was deleted.
 */
export interface ChangesTable {
  xact: Generated<string>;
  /** Of an image; null for an entry. */
  collection_id: Fixed<string | null>;
  seq: Fixed<number>;
  at: Generated<string>;
}

/** One row: the last transaction whose changes are no longer listed. */
export interface ChangesTrimmedTable {
  horizon: string;
}

/** One row: which tables these are, and which gateways may work with them. */
export interface LookalikeVersionTable {
  /** The number of migrations that have run. */
  version: number;
  /** A gateway works with these tables when it knows at least so many migrations. */
  minimum: number;
}

/** At most one row: the installation that was copied to here. */
export interface ImportsTable {
  source: Fixed<string>;
  begun_at: Generated<string>;
  finished_at: string | null;
}

/** Work that one process does at a time, and until when it is that one's. */
export interface LeasesTable {
  name: Fixed<string>;
  holder: string;
  expires_at: string;
}

/** Secrets that the installation made for itself. */
export interface SecretsTable {
  name: Fixed<string>;
  secret: Fixed<Buffer>;
}

/** What was decided of entries that look alike. */
export interface DuplicateDecisionsTable {
  /** The number of the change that made it. */
  seq: Fixed<number>;
  /** The number of the last change to it: decisions and what takes them back are numbered as one. */
  change: number;
  decision_id: Fixed<string>;
  verdict: Fixed<string>;
  likeness: Fixed<string>;
  widest: Fixed<number>;
  content_hashes: Fixed<string[]>;
  kept_hashes: Fixed<string[]>;
  decided_at: Time;
  undone_at: string | null;
}

/** Rows that a repair took away, as they were. */
export interface RemovedRowsTable {
  id: Generated<number>;
  removed_at: Generated<string>;
  table_name: Fixed<string>;
  removed: Fixed<unknown>;
}

export interface Tables {
  all_entries: EntriesTable;
  all_entry_urls: EntryUrlsTable;
  blobs: BlobsTable;
  blob_garbage: BlobGarbageTable;
  collections: CollectionsTable;
  collection_keys: CollectionKeysTable;
  images: ImagesTable;
  image_keypoints: ImageKeypointsTable;
  changes: ChangesTable;
  changes_trimmed: ChangesTrimmedTable;
  lookalike_version: LookalikeVersionTable;
  imports: ImportsTable;
  leases: LeasesTable;
  secrets: SecretsTable;
  duplicate_decisions: DuplicateDecisionsTable;
  removed_rows: RemovedRowsTable;
}

export type Db = Kysely<Tables>;

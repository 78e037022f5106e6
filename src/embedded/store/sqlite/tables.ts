import type { ColumnType, Generated, Kysely } from 'kysely';

/** A column that is set when the row is written and never again. */
type Fixed<T> = ColumnType<T, T, never>;

export interface EntriesTable {
  /** Grows with every row and is never given twice. */
  seq: Generated<number>;
  content_hash: Fixed<string>;
  bucket: Fixed<string>;
  url: Fixed<string>;
  content_type: string;
  file_size_bytes: Fixed<number>;
  original_filename: string | null;
  width: number | null;
  height: number | null;
  /** The dHash in four chunks of 16 bits, the most significant first; all null when there is none. */
  hash0: number | null;
  hash1: number | null;
  hash2: number | null;
  hash3: number | null;
  client_name: Fixed<string>;
  lookup_time: Fixed<string>;
  created_at: Fixed<string>;
  retrieved_at: string | null;
  prefix: Fixed<string | null>;
  /** JSON; null for nothing. */
  meta: Fixed<string | null>;
}

/** Every URL that the bytes of an entry were stored under. */
export interface EntryUrlsTable {
  seq: Generated<number>;
  content_hash: Fixed<string>;
  bucket: Fixed<string>;
  url: Fixed<string>;
  /** Of the URL: an index over URLs of any length would be too wide for PostgreSQL. */
  url_hash: Fixed<string>;
  client_name: Fixed<string>;
  lookup_time: Fixed<string>;
  created_at: Fixed<string>;
}

/** Deletions of entries, for searches that keep hashes in memory. */
export interface DeletedEntriesTable {
  id: Generated<number>;
  seq: Fixed<number>;
}

/** Bytes that are kept, and by how many rows of other tables. */
export interface BlobsTable {
  content_hash: Fixed<string>;
  refs: number;
  /** When the last reference went, or the beginning of time when there never was one; null while there is one. */
  released_at: string | null;
  /** Null where it is not known. */
  blake3: string | null;
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

/** The images of the collections. A row is written once: whatever changes, an image gets a new row with a new seq. */
export interface ImagesTable {
  /** Grows with every row and is never given twice. */
  seq: Generated<number>;
  collection_id: Fixed<string>;
  image_id: Fixed<string>;
  content_hash: Fixed<string>;
  image_time: Fixed<string>;
  descriptor_version: Fixed<number>;
  descriptor: Fixed<Uint8Array>;
}

/** The keypoints of the image of the same seq. */
export interface ImageKeypointsTable {
  seq: Fixed<number>;
  version: Fixed<number>;
  keypoints: Fixed<Uint8Array>;
}

/** Deletions of rows of images, for searches that keep descriptors in memory. */
export interface DeletedImagesTable {
  id: Generated<number>;
  collection_id: Fixed<string>;
  seq: Fixed<number>;
}

/** At most one row: the installation that was copied to here. */
export interface ImportsTable {
  source: Fixed<string>;
  begun_at: Fixed<string>;
  finished_at: string | null;
}

/** Secrets that the installation made for itself. */
export interface SecretsTable {
  name: Fixed<string>;
  secret: Fixed<Uint8Array>;
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
  /** JSON. */
  content_hashes: Fixed<string>;
  kept_hashes: Fixed<string>;
  decided_at: Fixed<string>;
  undone_at: string | null;
}

export interface Tables {
  entries: EntriesTable;
  entry_urls: EntryUrlsTable;
  deleted_entries: DeletedEntriesTable;
  blobs: BlobsTable;
  collections: CollectionsTable;
  collection_keys: CollectionKeysTable;
  images: ImagesTable;
  image_keypoints: ImageKeypointsTable;
  deleted_images: DeletedImagesTable;
  imports: ImportsTable;
  secrets: SecretsTable;
  duplicate_decisions: DuplicateDecisionsTable;
}

export type Db = Kysely<Tables>;

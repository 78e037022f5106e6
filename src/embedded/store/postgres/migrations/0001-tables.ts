import { type Kysely, sql } from 'kysely';

/*
 * Text has the collation "C": the order of code points, and case only of ASCII. Hashes are bytes, times keep microseconds,
 * and sizes fit in 64 bits. An entry with one URL takes some 1.2 kB in all.
 */

/** The tables of both services, and the feed of what changes in them. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db);
  for (const statement of [...BLOBS, ...ENTRIES, ...COLLECTIONS, ...CHANGES, ...UPKEEP])
    await sql.raw(statement).execute(db);
}

const BLOBS = [
  `create table blobs (
     content_hash bytea primary key,
     refs integer not null check (refs >= 0),
     released_at timestamptz,
     place text collate "C" not null,
     check ((refs = 0) = (released_at is not null))
   )`,
  'create index blobs_released on blobs (released_at) where released_at is not null',
  `create table blob_garbage (
     place text collate "C" primary key,
     content_hash bytea not null,
     since timestamptz not null default clock_timestamp(),
     claimed timestamptz
   )`,
];

// A row cannot be there without its bytes, nor a URL without its entry: whoever comes second waits, and then fails.
const ENTRIES = [
  `create table entries (
     seq bigint generated always as identity primary key,
     file_size_bytes bigint not null,
     lookup_time timestamptz not null,
     created_at timestamptz not null,
     width integer,
     height integer,
     hash_high integer,
     hash_low integer,
     content_hash bytea not null constraint entries_once unique constraint entries_bytes references blobs,
     url text collate "C" not null,
     content_type text collate "C" not null,
     original_filename text collate "C",
     client_name text collate "C" not null,
     check ((hash_high is null) = (hash_low is null))
   )`,
  // Read backwards for the newest first: an index that grows at its end stays half as large.
  'create index entries_created on entries (created_at, content_hash desc)',
  // Either half of a hash is looked up exactly; the other one comes with it and takes no room.
  'create index entries_hash_high on entries (hash_high, hash_low)',
  'create index entries_hash_low on entries (hash_low, hash_high)',
  `create table entry_urls (
     seq bigint generated always as identity primary key,
     lookup_time timestamptz not null,
     created_at timestamptz not null,
     content_hash bytea not null
       constraint entry_urls_entry references entries (content_hash) on delete cascade,
     url_hash bytea not null,
     url text collate "C" not null,
     client_name text collate "C" not null,
     constraint entry_urls_once unique (content_hash, url_hash)
   )`,
  'create index entry_urls_hash on entry_urls (url_hash)',
  `create index entry_urls_trigrams on entry_urls using gin (lower(url collate "C") gin_trgm_ops)`,
];

const COLLECTIONS = [
  `create table collections (
     collection_id text collate "C" primary key,
     name text collate "C",
     "user" text collate "C",
     created_at timestamptz not null
   )`,
  `create table collection_keys (
     public_key text collate "C" primary key,
     collection_id text collate "C" not null references collections,
     secret_key text collate "C" not null,
     created_at timestamptz not null
   )`,
  'create index collection_keys_collection on collection_keys (collection_id)',
  // The descriptor comes last, so that reading the columns before it does not read it; it does not shrink.
  `create table images (
     seq bigint generated always as identity primary key,
     image_time timestamptz not null,
     descriptor_version integer not null,
     content_hash bytea not null constraint images_bytes references blobs,
     collection_id text collate "C" not null constraint images_collection references collections,
     image_id text collate "C" not null,
     descriptor bytea not null,
     constraint images_once unique (collection_id, image_id)
   )`,
  'alter table images alter column descriptor set storage external',
  'create index images_newest on images (collection_id, image_time, image_id desc)',
  'create index images_content on images (content_hash, collection_id, image_id)',
  // For those who read a collection from its beginning on, and for making the descriptors of other versions anew.
  'create index images_added on images (collection_id, descriptor_version, seq)',
  'create index images_version on images (descriptor_version, seq)',
];

const CHANGES = [
  `create table changes (
     xact xid8 not null default pg_current_xact_id(),
     seq bigint not null,
     at timestamptz not null default clock_timestamp(),
     collection_id text collate "C"
   )`,
  'create index changes_xact on changes (collection_id, xact)',
  'create index changes_at on changes (at)',
  'create table changes_trimmed (horizon xid8 not null)',
  `insert into changes_trimmed values ('0')`,
];

const UPKEEP = [
  // At most one row: the installation that was copied to here.
  `create table imports (
     only_one boolean primary key default true check (only_one),
     source text collate "C" not null,
     begun_at timestamptz not null default clock_timestamp(),
     finished_at timestamptz
   )`,
  `create table leases (
     name text collate "C" primary key,
     holder text collate "C" not null,
     expires_at timestamptz not null
   )`,
  // Rows that a repair took away, as they were.
  `create table removed_rows (
     id bigint generated always as identity primary key,
     removed_at timestamptz not null default clock_timestamp(),
     table_name text collate "C" not null,
     removed jsonb not null
   )`,
];

import { type Kysely, sql } from 'kysely';
import { HOST } from './0006-lists.js';

/** The entries that there are belong to the bucket of calls that name none. */
const COLUMNS_OF_ENTRIES = `seq, content_hash, url, content_type, file_size_bytes, original_filename, width, height,
  hash0, hash1, hash2, hash3, client_name, lookup_time, created_at`;
const COLUMNS_OF_URLS = 'seq, content_hash, url, url_hash, client_name, lookup_time, created_at';

/**
 * Puts a table in the place of another one, with its rows and their seqs. A seq is never given twice: the new table goes on
 * behind the last one that the old table gave, which need not be there any more.
 */
const replace = (table: string, definition: string, columns: string) => [
  `create table ${table}_of_buckets (${definition}) strict`,
  `insert into ${table}_of_buckets (${columns}) select ${columns} from ${table} order by seq`,
  `delete from sqlite_sequence where name = '${table}_of_buckets'`,
  `update sqlite_sequence set name = '${table}_of_buckets' where name = '${table}'`,
  `drop table ${table}`,
  `alter table ${table}_of_buckets rename to ${table}`,
];

/** Those of an order or a filter begin with the bucket, so that a list is a part of one. */
export const INDEXES_OF_ENTRIES = [
  'create unique index entries_content on entries (content_hash, bucket)',
  'create index entries_bucket on entries (bucket)',
  'create index entries_created on entries (bucket, created_at desc, content_hash)',
  'create index entries_size on entries (bucket, file_size_bytes, content_hash)',
  'create index entries_client on entries (bucket, client_name)',
  'create index entries_type on entries (bucket, content_type)',
  'create index entries_width on entries (bucket, width)',
  'create index entries_height on entries (bucket, height)',
  'create index entries_prefix on entries (bucket, prefix)',
  'create index entries_hash0 on entries (bucket, hash0, hash1, hash2, hash3)',
  'create index entries_hash1 on entries (bucket, hash1, hash0, hash2, hash3)',
  'create index entries_hash2 on entries (bucket, hash2, hash3, hash0, hash1)',
  'create index entries_hash3 on entries (bucket, hash3, hash0, hash1, hash2)',
];

export const INDEXES_OF_URLS = [
  'create unique index entry_urls_once on entry_urls (content_hash, bucket, url_hash)',
  'create index entry_urls_hash on entry_urls (url_hash, bucket)',
  'create index entry_urls_host on entry_urls (bucket, host, content_hash)',
];

const ENTRIES = [
  ...replace(
    'entries',
    `seq integer primary key autoincrement,
     content_hash text not null,
     bucket text not null default '',
     url text not null,
     content_type text not null,
     file_size_bytes integer not null,
     original_filename text,
     width integer,
     height integer,
     hash0 integer,
     hash1 integer,
     hash2 integer,
     hash3 integer,
     client_name text not null,
     lookup_time text not null,
     created_at text not null,
     retrieved_at text,
     prefix text,
     meta text`,
    COLUMNS_OF_ENTRIES,
  ),
  ...INDEXES_OF_ENTRIES,
];

/** The index of trigrams knows the URLs by their seqs and stays as it is; what names the table by its name is made anew. */
const URLS = [
  'drop view lower_urls',
  ...replace(
    'entry_urls',
    `seq integer primary key autoincrement,
     content_hash text not null,
     bucket text not null default '',
     url text not null,
     url_hash text not null,
     client_name text not null,
     lookup_time text not null,
     created_at text not null,
     host text generated always as (${HOST}) virtual`,
    COLUMNS_OF_URLS,
  ),
  ...INDEXES_OF_URLS,
  'create view lower_urls as select seq, lower(url) as url from entry_urls',
  `create trigger entry_urls_inserted after insert on entry_urls begin
     insert into url_trigrams (rowid, url) values (new.seq, lower(new.url));
   end`,
  `create trigger entry_urls_deleted after delete on entry_urls begin
     insert into url_trigrams (url_trigrams, rowid, url) values ('delete', old.seq, lower(old.url));
   end`,
];

const BYTES = [
  'alter table blobs add column blake3 text',
  'create index blobs_blake3 on blobs (blake3) where blake3 is not null',
  'create index blobs_without_blake3 on blobs (content_hash) where blake3 is null and refs > 0',
];

/**
 * An entry is one of a bucket: the same bytes may have one in each. Unique keys of SQLite cannot be altered, so that two
 * tables are written anew. Bytes are known by their BLAKE3, too.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...ENTRIES, ...URLS, ...BYTES]) await sql.raw(statement).execute(db);
}

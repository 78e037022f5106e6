import { type Kysely, sql } from 'kysely';
import { URL_HOST } from './0002-lists.js';

/**
 * Buckets, and the BLAKE3 of bytes.
 *
 * `entries` and `entry_urls` hold the entries of the default bucket as before. They become parts of `all_entries` and
 * `all_entry_urls`, whose other parts hold those of all other buckets. So gateways of the version before work on with what they
 * know of, by the same constraints and indexes, and none of these is built anew.
 */
export async function up(db: Kysely<never>): Promise<void> {
  const statements = [
    COLUMNS,
    numbers('entries'),
    numbers('entry_urls'),
    PARENTS,
    BUCKETS,
    URLS,
    BYTES,
    MINIMUM,
  ];
  for (const statement of statements.flat()) await sql.raw(statement).execute(db);
}

// Whatever reads many rows may have been done beforehand, while gateways run.
const COLUMNS = [
  `alter table entries
     add column if not exists bucket text collate "C" not null default '',
     add column if not exists prefix text collate "C",
     add column if not exists meta text collate "C",
     add column if not exists retrieved_at timestamptz`,
  `alter table entry_urls add column if not exists bucket text collate "C" not null default ''`,
  'create index if not exists entries_prefix on entries (prefix)',
];

/** Takes the numbers of rows from a sequence that several tables may share, as those of an identity may not be. */
function numbers(table: string): string[] {
  return [
    `create sequence ${table}_numbers owned by ${table}.seq`,
    `select setval('${table}_numbers', last_value, is_called) from ${table}_seq_seq`,
    `alter table ${table} alter column seq drop identity`,
    `alter table ${table} alter column seq set default nextval('${table}_numbers')`,
  ];
}

const PARENTS = ['entries', 'entry_urls'].flatMap((table) => [
  `create table all_${table} (like ${table} including defaults) partition by list (bucket)`,
  `alter table all_${table} attach partition ${table} for values in ('')`,
  // The planner knows nothing of the new column until then, and changes of a large table may take months to bring that about.
  `analyze ${table} (bucket)`,
]);

const BUCKETS = [
  `create table bucket_entries partition of all_entries (
     primary key (seq),
     constraint bucket_entries_once unique (content_hash, bucket),
     constraint entries_bytes foreign key (content_hash) references blobs,
     check ((hash_high is null) = (hash_low is null))
   ) default`,
  'create index bucket_entries_created on bucket_entries (bucket, created_at, content_hash desc)',
  'create index bucket_entries_size on bucket_entries (bucket, file_size_bytes, content_hash)',
  'create index bucket_entries_client on bucket_entries (bucket, client_name)',
  'create index bucket_entries_type on bucket_entries (bucket, content_type)',
  'create index bucket_entries_width on bucket_entries (bucket, width)',
  'create index bucket_entries_height on bucket_entries (bucket, height)',
  'create index bucket_entries_prefix on bucket_entries (bucket, prefix)',
  'create index bucket_entries_hash_high on bucket_entries (bucket, hash_high, hash_low)',
  'create index bucket_entries_hash_low on bucket_entries (bucket, hash_low, hash_high)',
];

const URLS = [
  `create table bucket_entry_urls partition of all_entry_urls (
     primary key (seq),
     constraint bucket_entry_urls_once unique (content_hash, bucket, url_hash),
     constraint bucket_entry_urls_entry foreign key (content_hash, bucket)
       references bucket_entries (content_hash, bucket) on delete cascade
   ) default`,
  'create index bucket_entry_urls_hash on bucket_entry_urls (url_hash, bucket)',
  `create index bucket_entry_urls_host
     on bucket_entry_urls (bucket, (${URL_HOST.replace('entry_urls.', '')}), content_hash)`,
  `create index bucket_entry_urls_trigrams on bucket_entry_urls using gin (lower(url collate "C") gin_trgm_ops)`,
];

// Not of bytes that a row needs alone: then each change of their count would have to change the index.
const BYTES = [
  'alter table blobs add column if not exists blake3 bytea',
  'create index if not exists blobs_blake3 on blobs (blake3) where blake3 is not null',
  'create index if not exists blobs_without_blake3 on blobs (content_hash) where blake3 is null',
];

/** From the first entry of another bucket on no version that knows nothing of it starts any more, nor checks or copies its rows. */
const MINIMUM = [
  `create function require_buckets() returns trigger language plpgsql as $$
     begin
       update lookalike_version set minimum = 7 where minimum < 7;
       return null;
     end $$`,
  `create trigger bucket_entries_minimum after insert on bucket_entries
     for each row execute function require_buckets()`,
];

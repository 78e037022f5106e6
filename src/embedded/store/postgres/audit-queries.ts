import type { DescriptorForm } from '../audit.js';

/*
 * The queries of a check. Those of batches take what to begin behind as $1 and how many rows as $2, and order by the column
 * that the next batch begins behind. Constraints keep much of what they look for from happening; a check does not rely on
 * them, as a damaged database or an operator may have undone them.
 */

export const MISSING_COLLECTIONS = `
  select collection_id as "collectionId" from
    (select collection_id from images union select collection_id from collection_keys) as named
  where collection_id > $1 and not exists
    (select from collections where collections.collection_id = named.collection_id)
  order by collection_id limit $2`;

export const COLLECTIONS_WITHOUT_KEYS = `
  select collection_id as "collectionId" from collections
  where collection_id > $1 and deleted_at is null and not exists
    (select from collection_keys as keys where keys.collection_id = collections.collection_id)
  order by collection_id limit $2`;

/**
 * The tables of the default bucket, and those of all others. Queries that join rows are asked of each: the planner knows little
 * of tables with several parts.
 */
export const PARTS = [
  { entries: 'entries', urls: 'entry_urls' },
  { entries: 'bucket_entries', urls: 'bucket_entry_urls' },
] as const;

export type Part = (typeof PARTS)[number];

export const allUrls = ({ urls }: Part) => `
  select seq, encode(content_hash, 'hex') as content_hash, url, url_hash
  from ${urls} where seq > $1 order by seq limit $2`;

export const urlsWithoutEntry = ({ urls, entries }: Part) => `
  select seq, encode(content_hash, 'hex') as content_hash, url, encode(url_hash, 'hex') as url_hash, client_name,
    lookup_time, created_at, bucket
  from ${urls} as urls
  where seq > $1 and not exists (
    select from ${entries} as entries
    where entries.content_hash = urls.content_hash and entries.bucket = urls.bucket)
  order by seq limit $2`;

export const entriesWithoutUrl = ({ urls, entries }: Part) => `
  select seq, encode(content_hash, 'hex') as content_hash, url from ${entries} as entries
  where seq > $1 and not exists (
    select from ${urls} as urls
    where urls.content_hash = entries.content_hash and urls.bucket = entries.bucket and urls.url = entries.url)
  order by seq limit $2`;

/** Of entries in several buckets that do not agree it is none that bytes have. */
const SIZE = 'case when min(least) is distinct from max(most) then -1 else max(most) end';

/** The limits within make a batch take as long as its rows, and not as all that are left. */
export const NEEDED_BYTES = `
  select encode(content_hash, 'hex') as "contentHash", ${SIZE} as size from
    ((select content_hash, file_size_bytes as least, file_size_bytes as most from entries
      where content_hash > decode($1, 'hex') order by content_hash limit $2)
     union all
     (select content_hash, min(file_size_bytes), max(file_size_bytes) from bucket_entries
      where content_hash > decode($1, 'hex') group by content_hash order by content_hash limit $2)
     union all
     (select distinct content_hash, null::bigint, null::bigint from images
      where content_hash > decode($1, 'hex') order by content_hash limit $2)) as needed
  group by content_hash order by content_hash limit $2`;

export const NEEDED_BYTES_OF_ONE = `
  select ${SIZE} as size, count(*) as rows from
    (select file_size_bytes as least, file_size_bytes as most from all_entries where content_hash = $1
     union all select null, null from images where content_hash = $1) as needed`;

export const COUNT_NEEDED_BYTES = `
  select count(*) as total from
    (select content_hash from all_entries union select content_hash from images) as needed`;

const NEEDED = `
  (select count(*) from entries where entries.content_hash = known.content_hash) +
  (select count(*) from bucket_entries where bucket_entries.content_hash = known.content_hash) +
  (select count(*) from images where images.content_hash = known.content_hash)`;

export const WRONG_COUNTS = `
  select encode(content_hash, 'hex') as "contentHash", refs, released_at as "releasedAt", needed from
    (select content_hash, refs, released_at, ${NEEDED} as needed from blobs as known
     where content_hash > decode($1, 'hex')) as counted
  where refs <> needed or (needed = 0) <> (released_at is not null)
  order by content_hash limit $2`;

export const KNOWN_PLACES = `
  select place from blobs where content_hash = any($1::bytea[]) and place = any($2::text[])
  union all select place from blob_garbage where place = any($2::text[])`;

/** Halves hold any 32 bits, so a hash can only be broken by half of it. */
export const brokenHashes = ({ entries }: Part) => `
  select seq, encode(content_hash, 'hex') as "contentHash" from ${entries}
  where seq > $1 and (hash_high is null) <> (hash_low is null) order by seq limit $2`;

export const brokenDescriptors = ({ version, bytes }: DescriptorForm) => `
  select seq, collection_id as "collectionId", image_id as "imageId", encode(content_hash, 'hex') as "contentHash"
  from images
  where seq > $1 and descriptor_version = ${version}
    and (length(descriptor) <> ${bytes} or substr(descriptor, 1, 1) <> decode('${version.toString(16).padStart(2, '0')}', 'hex'))
  order by seq limit $2`;

/** Indexes and constraints that an interrupted build or an operator left. The pages themselves are checked by pg_amcheck. */
export const INVALID_INDEXES = `
  select indexrelid::regclass::text as name from pg_index
  where not indisvalid and indrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)
  order by 1`;

export const UNCHECKED_CONSTRAINTS = `
  select conname as name from pg_constraint
  where not convalidated and connamespace = current_schema()::regnamespace order by 1`;

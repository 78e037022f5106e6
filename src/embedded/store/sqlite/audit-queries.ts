import type { DeletableKind, DescriptorForm } from '../audit.js';

/*
 * The queries of a check. Those of batches take what to begin behind and how many rows, and order by the column that
 * the next batch begins behind.
 */

export const MISSING_COLLECTIONS = `
  select collection_id as collectionId from
    (select collection_id from images union select collection_id from collection_keys)
  where collection_id > ? and collection_id not in (select collection_id from collections)
  order by collection_id limit ?`;

export const COLLECTIONS_WITHOUT_KEYS = `
  select collection_id as collectionId from collections
  where collection_id > ? and deleted_at is null
    and collection_id not in (select collection_id from collection_keys)
  order by collection_id limit ?`;

export const ALL_URLS =
  'select seq, content_hash, url, url_hash from entry_urls where seq > ? order by seq limit ?';

/** The condition on a URL that its entry is not there. */
export const WITHOUT_ENTRY = `not exists
  (select 1 from entries where entries.content_hash = entry_urls.content_hash and entries.bucket = entry_urls.bucket)`;

export const URLS_WITHOUT_ENTRY = `
  select * from entry_urls
  where seq > ? and ${WITHOUT_ENTRY} order by seq limit ?`;

export const ENTRIES_WITHOUT_URL = `
  select seq, content_hash, url from entries
  where seq > ? and not exists
    (select 1 from entry_urls as urls
     where urls.content_hash = entries.content_hash and urls.bucket = entries.bucket and urls.url = entries.url)
  order by seq limit ?`;

const trigram = (start: string) =>
  `'"' || replace(substr(lower(entry_urls.url), ${start}, 3), '"', '""') || '"'`;
/** Looked for as the search does, by what is at their beginning, middle and end. */
export const URLS_NOT_INDEXED = `
  select seq from entry_urls
  where seq > ? and length(url) >= 3 and not exists
    (select 1 from url_trigrams where url_trigrams.rowid = entry_urls.seq and url_trigrams match
      ${[trigram('1'), trigram('length(entry_urls.url) / 2'), trigram('-3')].join(" || ' ' || ")})
  order by seq limit ?`;

const wrongDeletions = (table: string, living: string) =>
  `select id, seq from ${table} where id > ? and seq in (select seq from ${living}) order by id limit ?`;

export const WRONG_DELETIONS: Record<DeletableKind, string> = {
  entry: wrongDeletions('deleted_entries', 'entries'),
  image: wrongDeletions('deleted_images', 'images'),
};

/** Of entries in several buckets that do not agree it is none that bytes have. */
const SIZE = 'case when min(file_size_bytes) = max(file_size_bytes) then max(file_size_bytes) else -1 end';

/** The limits within make a batch take as long as its rows, and not as all that are left. */
export const NEEDED_BYTES = `
  select content_hash as contentHash, max(size) as size from
    (select * from (select content_hash, ${SIZE} as size from entries
                    where content_hash > ?1 group by content_hash order by content_hash limit ?2)
     union all
     select * from (select content_hash, null from images
                    where content_hash > ?1 group by content_hash order by content_hash limit ?2))
  group by content_hash order by content_hash limit ?2`;

export const NEEDED_BYTES_OF_ONE = `
  select ${SIZE} as size, count(*) as rows from
    (select file_size_bytes from entries where content_hash = ?1
     union all select null from images where content_hash = ?1)`;

export const COUNT_NEEDED_BYTES =
  'select count(*) as total from (select content_hash from entries union select content_hash from images)';

const NEEDED = `
  (select count(*) from entries where entries.content_hash = known.content_hash) +
  (select count(*) from images where images.content_hash = known.content_hash)`;

export const WRONG_COUNTS = `
  select * from
    (select content_hash as contentHash, refs, released_at as releasedAt, ${NEEDED} as needed from blobs as known)
  where contentHash > ? and (refs <> needed or (needed = 0) <> (releasedAt is not null))
  order by contentHash limit ?`;

export const UNCOUNTED = `
  select content_hash as contentHash, 0 as refs, null as releasedAt, ${NEEDED} as needed
  from (select content_hash from entries union select content_hash from images) as known
  where contentHash > ? and content_hash not in (select content_hash from blobs)
  order by contentHash limit ?`;

export const KNOWN_BYTES =
  'select content_hash as contentHash from blobs where content_hash in (select value from json_each(?))';

const CHUNKS = ['hash0', 'hash1', 'hash2', 'hash3'];
/** In a row that is right all chunks are null, or all are numbers of 16 bits. */
export const BROKEN_HASHES = `
  select seq, content_hash as contentHash from entries
  where seq > ? and not (${CHUNKS.map((chunk) => `${chunk} is null`).join(' and ')})
    and not coalesce(${CHUNKS.map((chunk) => `${chunk} between 0 and 65535`).join(' and ')}, 0)
  order by seq limit ?`;

export const brokenDescriptors = ({ version, bytes }: DescriptorForm) => `
  select seq, collection_id as collectionId, image_id as imageId, content_hash as contentHash from images
  where seq > ? and descriptor_version = ${version}
    and (length(descriptor) <> ${bytes} or hex(substr(descriptor, 1, 1)) <> printf('%02X', ${version}))
  order by seq limit ?`;

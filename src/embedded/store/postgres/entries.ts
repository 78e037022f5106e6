import { type RawBuilder, sql } from 'kysely';
import type { Entry } from '../../../services/entry.js';
import type { Timestamp } from '../../../services/timestamp.js';
import type { EntryListQuery, EntryStore, EntryUrl } from '../entry-store.js';
import { type BucketTables, tablesOf } from './bucket-tables.js';
import { type Condition, where } from './entry-filter.js';
import { behind, inFrontOf, inOrder } from './entry-order.js';
import { allHashBytes, halvesHex, urlHash } from './hashes.js';
import type { Db } from './tables.js';

/** An entry as ENTRY selects it. */
export interface EntryRow extends Omit<Entry, 'perceptualHash' | 'urls' | 'brief'> {
  seq: number;
  bucket: string;
  prefix: string | null;
  meta: string | null;
  retrievedAt: Timestamp | null;
  hashHigh: number | null;
  hashLow: number | null;
  /** Whether the bytes were stored under several URLs. */
  severalUrls: boolean;
}

/** The columns of an entry, but for severalUrls. */
export const ENTRY = sql`
  entries.seq, encode(entries.content_hash, 'hex') as "contentHash", entries.url, entries.content_type as "contentType",
  entries.file_size_bytes as "fileSizeBytes", entries.original_filename as "originalFilename", entries.width,
  entries.height, entries.hash_high as "hashHigh", entries.hash_low as "hashLow", entries.client_name as "clientName",
  entries.lookup_time as "lookupTime", entries.created_at as "createdAt", entries.bucket, entries.prefix, entries.meta,
  entries.retrieved_at as "retrievedAt"`;

const severalUrls = ({ urls }: BucketTables) => sql`exists (
  select 1 from ${urls} as others
  where others.content_hash = entries.content_hash and others.bucket = entries.bucket offset 1) as "severalUrls"`;

/** Without the name of the bucket where it is the default one. */
export function toEntry(row: EntryRow): Entry {
  const { bucket, ...entry } = toNamedEntry(row);
  return bucket === '' ? entry : { ...entry, bucket };
}

export function toNamedEntry({
  seq,
  hashHigh,
  hashLow,
  severalUrls,
  meta,
  ...entry
}: EntryRow): Entry & { bucket: string } {
  return {
    ...entry,
    meta: meta === null ? null : JSON.parse(meta),
    perceptualHash: halvesHex(hashHigh, hashLow),
    ...(severalUrls && { urls: null }),
  };
}

export async function selectEntries(
  db: Db,
  tables: BucketTables,
  conditions: readonly Condition[],
  order: RawBuilder<unknown> = sql``,
): Promise<EntryRow[]> {
  const { rows } = await sql<EntryRow>`
    select ${ENTRY}, ${severalUrls(tables)} from ${tables.entries} as entries
    ${where([tables.isIn(), ...conditions])} ${order}`.execute(db);
  return rows;
}

type EntryReads = Omit<EntryStore, 'inBucket' | 'insert' | 'delete'>;

/** All that is read of the entries of a bucket. */
export function entryReads(db: Db, bucket: string): EntryReads {
  const tables = tablesOf(bucket);
  return {
    async find(contentHashes) {
      const hashes = allHashBytes(contentHashes);
      if (hashes.length === 0) return new Map();
      const rows = await selectEntries(db, tables, [sql`content_hash = any(${hashes}::bytea[])`]);
      return new Map(rows.map((row) => [row.contentHash, toEntry(row)]));
    },
    async findBySeq(seqs) {
      if (seqs.length === 0) return new Map();
      const rows = await selectEntries(db, tables, [sql`seq = any(${seqs}::bigint[])`]);
      return new Map(rows.map((row) => [row.seq, toEntry(row)]));
    },
    async findByUrl(urls) {
      const found = await findByUrl(db, tables, urls);
      return new Map(found.map(({ storedUrl, ...row }) => [storedUrl, toEntry(row)]));
    },
    findUrls: (contentHashes) => findUrls(db, tables, contentHashes),
    findOrigins: (contentHashes) => findOrigins(db, tables, contentHashes),
    countUrls: (contentHashes, upTo) => countUrls(db, tables, contentHashes, upTo),
    listPrefixes: () => listPrefixes(db, tables),
    list: (query) => listEntries(db, tables, query),
    async ping() {
      // A database that can only be read refuses even a write of nothing.
      await sql`with written as (delete from blob_garbage where false) select seq from entries limit 1`.execute(
        db,
      );
    },
  };
}

async function listEntries(
  db: Db,
  tables: BucketTables,
  { order, after, before, limit }: EntryListQuery,
): Promise<Entry[]> {
  const bounds = [...(after ? [behind(order, after)] : []), ...(before ? [inFrontOf(order, before)] : [])];
  const rows = await selectEntries(db, tables, bounds, sql`order by ${inOrder(order)} limit ${limit}`);
  return rows.map(toEntry);
}

/** For each URL the newest entry. */
export async function findByUrl(
  db: Db,
  tables: BucketTables,
  urls: readonly string[],
): Promise<(EntryRow & { storedUrl: string })[]> {
  if (urls.length === 0) return [];
  const { rows } = await sql<EntryRow & { storedUrl: string }>`
    select distinct on (urls.url) urls.url as "storedUrl", ${ENTRY}, ${severalUrls(tables)}
    from ${tables.urls} as urls
      join ${tables.entries} as entries on entries.content_hash = urls.content_hash and entries.bucket = urls.bucket
    where urls.url_hash = any(${urls.map(urlHash)}::bytea[]) and ${tables.isIn('urls')}
    order by urls.url, entries.created_at desc, entries.seq desc`.execute(db);
  return rows;
}

async function findUrls(
  db: Db,
  tables: BucketTables,
  contentHashes: readonly string[],
): Promise<Map<string, string[]>> {
  const urls = new Map<string, string[]>(contentHashes.map((hash) => [hash, []]));
  const hashes = allHashBytes([...urls.keys()]);
  if (hashes.length === 0) return urls;
  const { rows } = await sql<{ contentHash: string; url: string }>`
    select encode(content_hash, 'hex') as "contentHash", url from ${tables.urls}
    where ${tables.isIn()} and content_hash = any(${hashes}::bytea[]) order by created_at, seq`.execute(db);
  for (const { contentHash, url } of rows) urls.get(contentHash)!.push(url);
  return urls;
}

async function findOrigins(
  db: Db,
  tables: BucketTables,
  contentHashes: readonly string[],
): Promise<Map<string, EntryUrl[]>> {
  const origins = new Map<string, EntryUrl[]>(contentHashes.map((hash) => [hash, []]));
  const hashes = allHashBytes([...origins.keys()]);
  if (hashes.length === 0) return origins;
  const { rows } = await sql<EntryUrl & { contentHash: string }>`
    select encode(content_hash, 'hex') as "contentHash", url, client_name as "clientName",
      lookup_time as "lookupTime", created_at as "createdAt"
    from ${tables.urls} where ${tables.isIn()} and content_hash = any(${hashes}::bytea[])
    order by created_at, seq`.execute(db);
  for (const { contentHash, ...origin } of rows) origins.get(contentHash)!.push(origin);
  return origins;
}

async function countUrls(
  db: Db,
  tables: BucketTables,
  contentHashes: readonly string[],
  upTo: number,
): Promise<Map<string, number>> {
  const hashes = allHashBytes(contentHashes);
  if (hashes.length === 0) return new Map();
  const { rows } = await sql<{ contentHash: string; count: number }>`
    select encode(content_hash, 'hex') as "contentHash", (
      select count(*) from (
        select 1 from ${tables.urls} as urls
        where ${tables.isIn('urls')} and urls.content_hash = entries.content_hash limit ${upTo}
      ) as few
    ) as count
    from ${tables.entries} as entries where ${tables.isIn()} and content_hash = any(${hashes}::bytea[])`.execute(
    db,
  );
  return new Map(rows.map(({ contentHash, count }) => [contentHash, count]));
}

/** From one to the next: each is one look-up, however many entries have it. */
async function listPrefixes(db: Db, { entries, isIn }: BucketTables): Promise<(string | null)[]> {
  const ofBucket = sql`from ${entries} where ${isIn()}`;
  const { rows } = await sql<{ prefix: string | null }>`
    with recursive prefixes (prefix) as (
      (select prefix ${ofBucket} and prefix is not null order by prefix limit 1)
      union all
      select (select prefix ${ofBucket} and prefix > prefixes.prefix order by prefix limit 1)
      from prefixes where prefixes.prefix is not null)
    select null as prefix where exists (select ${ofBucket} and prefix is null)
    union all select prefix from prefixes where prefix is not null order by prefix nulls first`.execute(db);
  return rows.map(({ prefix }) => prefix);
}

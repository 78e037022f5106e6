import { type RawBuilder, sql } from 'kysely';
import type { Entry } from '../../../services/imgcache.js';
import type { EntryStore, EntryUrl } from '../store.js';
import { where } from './entry-filter.js';
import { behind, inFrontOf, inOrder } from './entry-order.js';
import { allHashBytes, halvesHex, urlHash } from './hashes.js';
import type { Db } from './tables.js';

/** An entry as ENTRY selects it. */
export interface EntryRow extends Omit<Entry, 'perceptualHash' | 'urls'> {
  seq: number;
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
  entries.lookup_time as "lookupTime", entries.created_at as "createdAt"`;

const SEVERAL_URLS = sql`exists (
  select 1 from entry_urls as others where others.content_hash = entries.content_hash offset 1) as "severalUrls"`;

export function toEntry({ seq, hashHigh, hashLow, severalUrls, ...entry }: EntryRow): Entry {
  return {
    ...entry,
    perceptualHash: halvesHex(hashHigh, hashLow),
    ...(severalUrls && { urls: null }),
  };
}

async function selectEntries(db: Db, rest: RawBuilder<unknown>): Promise<EntryRow[]> {
  const { rows } = await sql<EntryRow>`select ${ENTRY}, ${SEVERAL_URLS} from entries ${rest}`.execute(db);
  return rows;
}

type EntryReads = Omit<EntryStore, 'inBucket' | 'insert' | 'delete'>;

/** All that is read of entries. */
export function entryReads(db: Db): EntryReads {
  return {
    async find(contentHashes) {
      const hashes = allHashBytes(contentHashes);
      if (hashes.length === 0) return new Map();
      const rows = await selectEntries(db, sql`where content_hash = any(${hashes}::bytea[])`);
      return new Map(rows.map((row) => [row.contentHash, toEntry(row)]));
    },
    async findBySeq(seqs) {
      if (seqs.length === 0) return new Map();
      const rows = await selectEntries(db, sql`where seq = any(${seqs}::bigint[])`);
      return new Map(rows.map((row) => [row.seq, toEntry(row)]));
    },
    findByUrl: (urls) => findByUrl(db, urls),
    findUrls: (contentHashes) => findUrls(db, contentHashes),
    findOrigins: (contentHashes) => findOrigins(db, contentHashes),
    countUrls: (contentHashes, upTo) => countUrls(db, contentHashes, upTo),
    listPrefixes: async () => [null],
    async list({ order, after, before, limit }) {
      const bounds = [
        ...(after ? [behind(order, after)] : []),
        ...(before ? [inFrontOf(order, before)] : []),
      ];
      const rows = await selectEntries(db, sql`${where(bounds)} order by ${inOrder(order)} limit ${limit}`);
      return rows.map(toEntry);
    },
    async ping() {
      // A database that can only be read refuses even a write of nothing.
      await sql`with written as (delete from blob_garbage where false) select seq from entries limit 1`.execute(
        db,
      );
    },
  };
}

async function findByUrl(db: Db, urls: readonly string[]): Promise<Map<string, Entry>> {
  if (urls.length === 0) return new Map();
  const { rows } = await sql<EntryRow & { storedUrl: string }>`
    select distinct on (urls.url) urls.url as "storedUrl", ${ENTRY}, ${SEVERAL_URLS}
    from entry_urls as urls join entries on entries.content_hash = urls.content_hash
    where urls.url_hash = any(${urls.map(urlHash)}::bytea[])
    order by urls.url, entries.created_at desc, entries.seq desc`.execute(db);
  return new Map(rows.map(({ storedUrl, ...row }) => [storedUrl, toEntry(row)]));
}

async function findUrls(db: Db, contentHashes: readonly string[]): Promise<Map<string, string[]>> {
  const urls = new Map<string, string[]>(contentHashes.map((hash) => [hash, []]));
  const hashes = allHashBytes([...urls.keys()]);
  if (hashes.length === 0) return urls;
  const { rows } = await sql<{ contentHash: string; url: string }>`
    select encode(content_hash, 'hex') as "contentHash", url from entry_urls
    where content_hash = any(${hashes}::bytea[]) order by created_at, seq`.execute(db);
  for (const { contentHash, url } of rows) urls.get(contentHash)!.push(url);
  return urls;
}

async function findOrigins(db: Db, contentHashes: readonly string[]): Promise<Map<string, EntryUrl[]>> {
  const origins = new Map<string, EntryUrl[]>(contentHashes.map((hash) => [hash, []]));
  const hashes = allHashBytes([...origins.keys()]);
  if (hashes.length === 0) return origins;
  const { rows } = await sql<EntryUrl & { contentHash: string }>`
    select encode(content_hash, 'hex') as "contentHash", url, client_name as "clientName",
      lookup_time as "lookupTime", created_at as "createdAt"
    from entry_urls where content_hash = any(${hashes}::bytea[]) order by created_at, seq`.execute(db);
  for (const { contentHash, ...origin } of rows) origins.get(contentHash)!.push(origin);
  return origins;
}

async function countUrls(
  db: Db,
  contentHashes: readonly string[],
  upTo: number,
): Promise<Map<string, number>> {
  const hashes = allHashBytes(contentHashes);
  if (hashes.length === 0) return new Map();
  const { rows } = await sql<{ contentHash: string; count: number }>`
    select encode(content_hash, 'hex') as "contentHash", (
      select count(*) from (
        select 1 from entry_urls where entry_urls.content_hash = entries.content_hash limit ${upTo}
      ) as few
    ) as count
    from entries where content_hash = any(${hashes}::bytea[])`.execute(db);
  return new Map(rows.map(({ contentHash, count }) => [contentHash, count]));
}

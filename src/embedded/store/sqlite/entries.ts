import { createHash } from 'node:crypto';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Entry } from '../../../services/entry.js';
import { hashHex } from '../../../services/hamming-distance.js';
import type { EntryListQuery, EntryUrl } from '../entry-store.js';
import { behind, type Condition, indexOf, inFrontOf, inOrder } from './entry-order.js';
import { readByKeys } from './read-by-keys.js';
import type { Db, EntriesTable } from './tables.js';

/** The row of an entry, but for its bucket. */
export interface EntryRow
  extends Omit<Selectable<EntriesTable>, 'bucket' | 'prefix' | 'meta' | 'retrieved_at'> {
  /** 1 where the bytes were stored under several URLs. */
  several_urls: number;
  /** JSON of Notes; null for none. */
  notes: string | null;
}

/** What few entries have, in one column: each column costs about as much as finding the row. */
type Notes = [prefix: string | null, meta: string | null, retrievedAt: string | null];

const COLUMNS = `
  seq, content_hash, url, content_type, file_size_bytes, original_filename, width, height, hash0, hash1, hash2, hash3,
  client_name, lookup_time, created_at,
  exists (
    select 1 from entry_urls
    where entry_urls.content_hash = entries.content_hash and entry_urls.bucket = entries.bucket limit 1 offset 1
  ) as several_urls,
  case when coalesce(prefix, meta, retrieved_at) is not null then json_array(prefix, meta, retrieved_at) end as notes`;
const ENTRY = sql.raw(COLUMNS);

/** The statement that finds one entry, by its content hash and bucket. */
export const FIND_ENTRY = `
  select ${COLUMNS} from entries indexed by entries_content where content_hash = ? and bucket = ?`;

/** The statement that finds the entries of some bytes, of all buckets, by their content hash. */
export const FIND_NAMED_ENTRIES = `
  select bucket, ${COLUMNS} from entries where content_hash = ? order by created_at desc, bucket`;

/** @param rest behind the name of the table */
async function selectEntries(db: Db, rest: RawBuilder<unknown>): Promise<EntryRow[]> {
  const { rows } = await sql<EntryRow>`select ${ENTRY} from entries ${rest}`.execute(db);
  return rows;
}

/** The same of all buckets, with the bucket of each. */
export async function selectNamedEntries(db: Db, rest: RawBuilder<unknown>) {
  const { rows } = await sql<
    EntryRow & { bucket: string }
  >`select bucket, ${ENTRY} from entries ${rest}`.execute(db);
  return rows;
}

/** SQLite takes a bucket for a few rows; with the sign it does not look them up by it where a key tells much more. */
function isIn(table: 'entries' | 'entry_urls', bucket: string): RawBuilder<boolean> {
  return sql<boolean>`+${sql.ref(`${table}.bucket`)} = ${bucket}`;
}

export async function findEntries(
  db: Db,
  bucket: string,
  contentHashes: readonly string[],
): Promise<Map<string, Entry>> {
  const rows = await readByKeys(contentHashes, (hashes) =>
    selectEntries(
      db,
      sql`indexed by entries_content where content_hash in (${sql.join(hashes)}) and bucket = ${bucket}`,
    ),
  );
  return new Map(rows.map((row) => [row.content_hash, toEntry(row, bucket)]));
}

export async function findEntriesBySeq(
  db: Db,
  bucket: string,
  seqs: readonly number[],
): Promise<Map<number, Entry>> {
  const rows = await readByKeys(seqs, (some) =>
    selectEntries(db, sql`where seq in (${sql.join(some)}) and +bucket = ${bucket}`),
  );
  return new Map(rows.map((row) => [row.seq, toEntry(row, bucket)]));
}

export async function findEntriesByUrl(
  db: Db,
  bucket: string,
  urls: readonly string[],
): Promise<Map<string, Entry>> {
  const newest = await newestByUrl(db, urls, bucket);
  const entries = await findEntriesBySeq(db, bucket, [...new Set(newest.values())]);
  return byKey(newest, entries);
}

/**
 * For each URL the seq of the newest of the entries that are stored under it.
 * @param bucket null for those of all buckets
 */
export async function newestByUrl(
  db: Db,
  urls: readonly string[],
  bucket: string | null,
): Promise<Map<string, number>> {
  const found = await readByKeys(urls.map(urlHash), (hashes) => {
    const query = db
      .selectFrom('entry_urls')
      .innerJoin('entries', (join) =>
        join
          .onRef('entries.content_hash', '=', 'entry_urls.content_hash')
          .onRef('entries.bucket', '=', 'entry_urls.bucket'),
      )
      .select(['entry_urls.url', 'entries.seq'])
      .where('entry_urls.url_hash', 'in', hashes)
      .orderBy('entries.created_at');
    return (bucket === null ? query : query.where(isIn('entry_urls', bucket))).execute();
  });
  return new Map(found.map(({ url, seq }) => [url, seq]));
}

/** The entries by what their seqs are known by; without those that have gone. */
export function byKey<Key>(
  seqs: ReadonlyMap<Key, number>,
  entries: ReadonlyMap<number, Entry>,
): Map<Key, Entry> {
  return new Map([...seqs].flatMap(([key, seq]) => (entries.has(seq) ? [[key, entries.get(seq)!]] : [])));
}

export async function findUrls(
  db: Db,
  bucket: string,
  contentHashes: readonly string[],
): Promise<Map<string, string[]>> {
  const urls = new Map<string, string[]>(contentHashes.map((hash) => [hash, []]));
  const rows = await readByKeys([...urls.keys()], (hashes) =>
    selectUrls(db, bucket, hashes).select(['content_hash', 'url']).execute(),
  );
  for (const { content_hash, url } of rows) urls.get(content_hash)!.push(url);
  return urls;
}

export async function findOrigins(
  db: Db,
  bucket: string,
  contentHashes: readonly string[],
): Promise<Map<string, EntryUrl[]>> {
  const origins = new Map<string, EntryUrl[]>(contentHashes.map((hash) => [hash, []]));
  const rows = await readByKeys([...origins.keys()], (hashes) =>
    selectUrls(db, bucket, hashes)
      .select([
        'content_hash as contentHash',
        'url',
        'client_name as clientName',
        'lookup_time as lookupTime',
        'created_at as createdAt',
      ])
      .execute(),
  );
  for (const { contentHash, ...origin } of rows) origins.get(contentHash)!.push(origin);
  return origins;
}

function selectUrls(db: Db, bucket: string, contentHashes: readonly string[]) {
  return db
    .selectFrom('entry_urls')
    .where('content_hash', 'in', contentHashes)
    .where(isIn('entry_urls', bucket))
    .orderBy('created_at')
    .orderBy('seq');
}

export async function countUrls(
  db: Db,
  bucket: string,
  contentHashes: readonly string[],
  upTo: number,
): Promise<Map<string, number>> {
  const counted = sql<number>`(select count(*) from (
    select 1 from entry_urls
    where entry_urls.content_hash = entries.content_hash and entry_urls.bucket = entries.bucket limit ${upTo}
  ) as some)`;
  const rows = await readByKeys(contentHashes, (hashes) =>
    db
      .selectFrom('entries')
      .select(['content_hash', counted.as('count')])
      .where('content_hash', 'in', hashes)
      .where(isIn('entries', bucket))
      .execute(),
  );
  return new Map(rows.map(({ content_hash, count }) => [content_hash, count]));
}

export async function listEntries(
  db: Db,
  bucket: string,
  { order, after, before, limit }: EntryListQuery,
): Promise<Entry[]> {
  const bounds = [
    sql`bucket = ${bucket}`,
    ...(after ? [toSql(behind(order, after))] : []),
    ...(before ? [toSql(inFrontOf(order, before))] : []),
  ];
  const rows = await selectEntries(
    db,
    sql`indexed by ${sql.raw(indexOf(order))} where ${sql.join(bounds, sql` and `)}
      order by ${sql.raw(inOrder(order))} limit ${limit}`,
  );
  return rows.map((row) => toEntry(row, bucket));
}

/** A condition for Kysely. */
function toSql({ sql: text, values }: Condition): RawBuilder<boolean> {
  const [start = '', ...parts] = text.split('?');
  return parts.reduce(
    (before, part, index) => sql<boolean>`${before}${values[index]!}${sql.raw(part)}`,
    sql.raw<boolean>(start),
  );
}

export async function pingEntries(db: Db): Promise<void> {
  await db.selectFrom('entries').select('seq').limit(1).execute();
}

const NO_NOTES: Notes = [null, null, null];

export function toEntry(row: EntryRow, bucket: string): Entry {
  const [prefix, meta, retrievedAt]: Notes = row.notes === null ? NO_NOTES : JSON.parse(row.notes);
  return {
    contentHash: row.content_hash,
    url: row.url,
    contentType: row.content_type,
    fileSizeBytes: row.file_size_bytes,
    originalFilename: row.original_filename,
    width: row.width,
    height: row.height,
    perceptualHash: row.hash0 === null ? null : hashHex([row.hash0, row.hash1!, row.hash2!, row.hash3!]),
    clientName: row.client_name,
    lookupTime: row.lookup_time,
    createdAt: row.created_at,
    prefix,
    meta: meta === null ? null : JSON.parse(meta),
    retrievedAt,
    ...(bucket !== '' && { bucket }),
    ...(row.several_urls === 1 && { urls: null }),
  };
}

/** Half of a SHA-256: enough that two URLs never share it, narrow enough for an index. */
export function urlHash(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 32);
}

import { createHash } from 'node:crypto';
import { type Insertable, type RawBuilder, type Selectable, sql } from 'kysely';
import { hashChunks, hashHex } from '../../../services/hamming-distance.js';
import type { Entry, StoreStatus } from '../../../services/imgcache.js';
import { now } from '../../../services/timestamp.js';
import type { EntryListQuery, EntryUrl, NewEntry } from '../store.js';
import { addBlobRef, releaseBlobRef } from './blob-refs.js';
import { behind, type Condition, inFrontOf, inOrder } from './entry-order.js';
import { readByKeys } from './read-by-keys.js';
import type { Db, EntriesTable } from './tables.js';

/** 1 where the bytes were stored under several URLs. */
export type EntryRow = Selectable<EntriesTable> & { several_urls: number };

function selectEntries(db: Db) {
  const several = sql<number>`exists (
    select 1 from entry_urls where entry_urls.content_hash = entries.content_hash limit 1 offset 1
  )`;
  return db.selectFrom('entries').selectAll().select(several.as('several_urls'));
}

export async function findEntries(db: Db, contentHashes: readonly string[]): Promise<Map<string, Entry>> {
  const rows = await readByKeys(contentHashes, (hashes) => selectByHash(db, hashes).execute());
  return new Map(rows.map((row) => [row.content_hash, toEntry(row)]));
}

export function selectByHash(db: Db, contentHashes: readonly string[]) {
  return selectEntries(db).where('content_hash', 'in', contentHashes);
}

export async function findEntriesBySeq(db: Db, seqs: readonly number[]): Promise<Map<number, Entry>> {
  const rows = await readByKeys(seqs, (some) => selectEntries(db).where('seq', 'in', some).execute());
  return new Map(rows.map((row) => [row.seq, toEntry(row)]));
}

export async function findEntriesByUrl(db: Db, urls: readonly string[]): Promise<Map<string, Entry>> {
  const found = await readByKeys(urls.map(urlHash), (hashes) =>
    db
      .selectFrom('entry_urls')
      .innerJoin('entries', 'entries.content_hash', 'entry_urls.content_hash')
      .select(['entry_urls.url', 'entries.content_hash'])
      .where('entry_urls.url_hash', 'in', hashes)
      .orderBy('entries.created_at')
      .execute(),
  );
  const newest = new Map(found.map(({ url, content_hash }) => [url, content_hash]));
  const entries = await findEntries(db, [...new Set(newest.values())]);
  return new Map(
    [...newest].flatMap(([url, hash]) => (entries.has(hash) ? [[url, entries.get(hash)!]] : [])),
  );
}

export async function findUrls(db: Db, contentHashes: readonly string[]): Promise<Map<string, string[]>> {
  const urls = new Map<string, string[]>(contentHashes.map((hash) => [hash, []]));
  const rows = await readByKeys([...urls.keys()], (hashes) =>
    selectUrls(db, hashes).select(['content_hash', 'url']).execute(),
  );
  for (const { content_hash, url } of rows) urls.get(content_hash)!.push(url);
  return urls;
}

export async function findOrigins(
  db: Db,
  contentHashes: readonly string[],
): Promise<Map<string, EntryUrl[]>> {
  const origins = new Map<string, EntryUrl[]>(contentHashes.map((hash) => [hash, []]));
  const rows = await readByKeys([...origins.keys()], (hashes) =>
    selectUrls(db, hashes)
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

function selectUrls(db: Db, contentHashes: readonly string[]) {
  return db
    .selectFrom('entry_urls')
    .where('content_hash', 'in', contentHashes)
    .orderBy('created_at')
    .orderBy('seq');
}

export async function countUrls(
  db: Db,
  contentHashes: readonly string[],
  upTo: number,
): Promise<Map<string, number>> {
  const counted = sql<number>`(select count(*) from (
    select 1 from entry_urls where entry_urls.content_hash = entries.content_hash limit ${upTo}
  ) as some)`;
  const rows = await readByKeys(contentHashes, (hashes) =>
    db
      .selectFrom('entries')
      .select(['content_hash', counted.as('count')])
      .where('content_hash', 'in', hashes)
      .execute(),
  );
  return new Map(rows.map(({ content_hash, count }) => [content_hash, count]));
}

export async function listEntries(db: Db, { order, after, before, limit }: EntryListQuery): Promise<Entry[]> {
  let query = selectEntries(db)
    .orderBy(sql.raw(inOrder(order)))
    .limit(limit);
  if (after) query = query.where(toSql(behind(order, after)));
  if (before) query = query.where(toSql(inFrontOf(order, before)));
  return (await query.execute()).map(toEntry);
}

/** A condition for Kysely. */
function toSql({ sql: text, values }: Condition): RawBuilder<boolean> {
  const [start = '', ...parts] = text.split('?');
  return parts.reduce(
    (before, part, index) => sql<boolean>`${before}${values[index]!}${sql.raw(part)}`,
    sql.raw<boolean>(start),
  );
}

export async function insertEntry(
  db: Db,
  newEntry: NewEntry,
): Promise<{ entry: Entry; status: StoreStatus }> {
  return db.transaction().execute(async (transaction) => {
    // Taken here, the times are in the order of the rows, which searches go by.
    const createdAt = newEntry.createdAt ?? now();
    const entry: Entry = { ...newEntry, lookupTime: newEntry.lookupTime ?? createdAt, createdAt };
    const created = await transaction
      .insertInto('entries')
      .values(toRow(entry))
      .onConflict((conflict) => conflict.column('content_hash').doNothing())
      .returningAll()
      .executeTakeFirst();
    const added = await transaction
      .insertInto('entry_urls')
      .values({
        content_hash: entry.contentHash,
        url: entry.url,
        url_hash: urlHash(entry.url),
        client_name: entry.clientName,
        lookup_time: entry.lookupTime,
        created_at: entry.createdAt,
      })
      .onConflict((conflict) => conflict.columns(['content_hash', 'url_hash']).doNothing())
      .returning('seq')
      .executeTakeFirst();
    if (created) {
      await addBlobRef(transaction, entry.contentHash);
      return { entry: toEntry({ ...created, several_urls: 0 }), status: 'CREATED' };
    }
    const known = await findEntries(transaction, [entry.contentHash]);
    return { entry: known.get(entry.contentHash)!, status: added ? 'URL_ADDED' : 'UNCHANGED' };
  });
}

export function deleteEntry(db: Db, contentHash: string): Promise<boolean> {
  return db.transaction().execute((transaction) => removeEntry(transaction, contentHash));
}

/** A part of a transaction. */
export async function removeEntry(transaction: Db, contentHash: string): Promise<boolean> {
  const deleted = await transaction
    .deleteFrom('entries')
    .where('content_hash', '=', contentHash)
    .returning(['seq', 'hash0'])
    .executeTakeFirst();
  if (!deleted) return false;
  await transaction.deleteFrom('entry_urls').where('content_hash', '=', contentHash).execute();
  if (deleted.hash0 !== null)
    await transaction.insertInto('deleted_entries').values({ seq: deleted.seq }).execute();
  await releaseBlobRef(transaction, contentHash, now());
  return true;
}

export async function pingEntries(db: Db): Promise<void> {
  await db.selectFrom('entries').select('seq').limit(1).execute();
}

export function toEntry(row: EntryRow): Entry {
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
    ...(row.several_urls === 1 && { urls: null }),
  };
}

function toRow(entry: Entry): Insertable<EntriesTable> {
  const chunks = entry.perceptualHash === null ? null : hashChunks(entry.perceptualHash);
  return {
    content_hash: entry.contentHash,
    url: entry.url,
    content_type: entry.contentType,
    file_size_bytes: entry.fileSizeBytes,
    original_filename: entry.originalFilename,
    width: entry.width,
    height: entry.height,
    hash0: chunks?.[0] ?? null,
    hash1: chunks?.[1] ?? null,
    hash2: chunks?.[2] ?? null,
    hash3: chunks?.[3] ?? null,
    client_name: entry.clientName,
    lookup_time: entry.lookupTime,
    created_at: entry.createdAt,
  };
}

/** Half of a SHA-256: enough that two URLs never share it, narrow enough for an index. */
export function urlHash(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 32);
}

import type { Selectable } from 'kysely';
import type { Entry } from '../../../services/entry.js';
import type { StoreStatus } from '../../../services/entry-origin.js';
import { hashChunks } from '../../../services/hamming-distance.js';
import { now, type Timestamp } from '../../../services/timestamp.js';
import type { NewEntry } from '../entry-store.js';
import { ADD_BLOB_REF, releaseBlobRef } from './blob-refs.js';
import { type EntryRow, FIND_ENTRY, toEntry, urlHash } from './entries.js';
import type { Statements } from './statements.js';
import type { Db, EntriesTable } from './tables.js';

/** As the columns of a new row are written. */
const COLUMNS = [
  'content_hash',
  'bucket',
  'url',
  'content_type',
  'file_size_bytes',
  'original_filename',
  'width',
  'height',
  'hash0',
  'hash1',
  'hash2',
  'hash3',
  'client_name',
  'lookup_time',
  'created_at',
  'retrieved_at',
  'prefix',
  'meta',
] as const satisfies readonly (keyof EntriesTable)[];

const INSERT_ENTRY = `
  insert into entries (${COLUMNS.join()}) values (${COLUMNS.map(() => '?').join()})
  on conflict (content_hash, bucket) do nothing returning seq`;
const INSERT_URL = `
  insert into entry_urls (content_hash, bucket, url, url_hash, client_name, lookup_time, created_at)
  values (?, ?, ?, ?, ?, ?, ?) on conflict (content_hash, bucket, url_hash) do nothing returning seq`;
const NOTE_RETRIEVAL =
  'update entries indexed by entries_content set retrieved_at = ? where content_hash = ? and bucket = ?';

/** A part of a transaction, by statements alone: composing them takes longer than running them. */
export function insertEntry(
  statements: Statements,
  bucket: string,
  entry: NewEntry,
): { entry: Entry; status: StoreStatus } {
  const { contentHash } = entry;
  // Taken here, the times are in the order of the rows, which searches go by.
  const time = now();
  const row = toRow(bucket, entry, time);
  const [created] = rowsOf(
    statements,
    INSERT_ENTRY,
    COLUMNS.map((column) => row[column]),
  );
  const [added] = rowsOf(statements, INSERT_URL, [
    contentHash,
    bucket,
    row.url,
    urlHash(row.url),
    row.client_name,
    row.lookup_time,
    row.created_at,
  ]);
  if (created) {
    statements.prepare(ADD_BLOB_REF).run([contentHash, entry.blake3 ?? null]);
    const notes = JSON.stringify([row.prefix, row.meta, row.retrieved_at]);
    const stored = { ...row, seq: created.seq, several_urls: 0, notes };
    return { entry: toEntry(stored, bucket), status: 'CREATED' };
  }
  if (entry.retrievedAt === 'NOW') statements.prepare(NOTE_RETRIEVAL).run([time, contentHash, bucket]);
  const [known] = statements.prepare(FIND_ENTRY).all([contentHash, bucket]) as EntryRow[];
  return { entry: toEntry(known!, bucket), status: added ? 'URL_ADDED' : 'UNCHANGED' };
}

function rowsOf(statements: Statements, sql: string, values: readonly unknown[]): { seq: number }[] {
  return statements.prepare(sql).all(values) as { seq: number }[];
}

export function deleteEntry(db: Db, bucket: string, contentHash: string): Promise<boolean> {
  return db.transaction().execute((transaction) => removeEntry(transaction, bucket, contentHash));
}

/** A part of a transaction. */
export async function removeEntry(transaction: Db, bucket: string, contentHash: string): Promise<boolean> {
  const deleted = await transaction
    .deleteFrom('entries')
    .where('content_hash', '=', contentHash)
    .where('bucket', '=', bucket)
    .returning(['seq', 'hash0'])
    .executeTakeFirst();
  if (!deleted) return false;
  await transaction
    .deleteFrom('entry_urls')
    .where('content_hash', '=', contentHash)
    .where('bucket', '=', bucket)
    .execute();
  if (deleted.hash0 !== null)
    await transaction.insertInto('deleted_entries').values({ seq: deleted.seq }).execute();
  await releaseBlobRef(transaction, contentHash, now());
  return true;
}

function toRow(bucket: string, entry: NewEntry, time: Timestamp): Omit<Selectable<EntriesTable>, 'seq'> {
  const chunks = entry.perceptualHash === null ? null : hashChunks(entry.perceptualHash);
  const { createdAt = time, meta = null } = entry;
  const { lookupTime = createdAt, retrievedAt = null } = entry;
  return {
    content_hash: entry.contentHash,
    bucket,
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
    lookup_time: lookupTime,
    created_at: createdAt,
    retrieved_at: retrievedAt === 'NOW' ? time : retrievedAt,
    prefix: entry.prefix ?? null,
    meta: meta === null ? null : JSON.stringify(meta),
  };
}

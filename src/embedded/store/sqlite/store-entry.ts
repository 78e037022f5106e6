import { type Selectable, sql } from 'kysely';
import type { Entry } from '../../../services/entry.js';
import type { StoreStatus } from '../../../services/entry-origin.js';
import { hashChunks } from '../../../services/hamming-distance.js';
import { now, type Timestamp } from '../../../services/timestamp.js';
import type { NewEntry } from '../entry-store.js';
import { addBlobRef, releaseBlobRef } from './blob-refs.js';
import { findEntries, toEntry, urlHash } from './entries.js';
import type { Db, EntriesTable } from './tables.js';

export async function insertEntry(
  db: Db,
  bucket: string,
  entry: NewEntry,
): Promise<{ entry: Entry; status: StoreStatus }> {
  return db.transaction().execute(async (transaction) => {
    // Taken here, the times are in the order of the rows, which searches go by.
    const time = now();
    const row = toRow(bucket, entry, time);
    const created = await transaction
      .insertInto('entries')
      .values(row)
      .onConflict((conflict) => conflict.columns(['content_hash', 'bucket']).doNothing())
      .returning('seq')
      .executeTakeFirst();
    const added = await transaction
      .insertInto('entry_urls')
      .values({
        content_hash: row.content_hash,
        bucket,
        url: row.url,
        url_hash: urlHash(row.url),
        client_name: row.client_name,
        lookup_time: row.lookup_time,
        created_at: row.created_at,
      })
      .onConflict((conflict) => conflict.columns(['content_hash', 'bucket', 'url_hash']).doNothing())
      .returning('seq')
      .executeTakeFirst();
    if (created) {
      await addBlobRef(transaction, entry.contentHash, entry.blake3);
      const notes = JSON.stringify([row.prefix, row.meta, row.retrieved_at]);
      const stored = { ...row, seq: created.seq, several_urls: 0, notes };
      return { entry: toEntry(stored, bucket), status: 'CREATED' };
    }
    if (entry.retrievedAt === 'NOW') await noteRetrieval(transaction, bucket, entry.contentHash, time);
    const known = await findEntries(transaction, bucket, [entry.contentHash]);
    return { entry: known.get(entry.contentHash)!, status: added ? 'URL_ADDED' : 'UNCHANGED' };
  });
}

async function noteRetrieval(
  transaction: Db,
  bucket: string,
  contentHash: string,
  time: Timestamp,
): Promise<void> {
  await sql`
    update entries indexed by entries_content set retrieved_at = ${time}
    where content_hash = ${contentHash} and bucket = ${bucket}`.execute(transaction);
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

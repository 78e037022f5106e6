import { CompiledQuery, sql } from 'kysely';
import { now, type Timestamp } from '../../../services/timestamp.js';
import type { ReleasedBytes } from '../blob-store.js';
import { type Connection, runAlone } from './group-commit.js';
import type { Db } from './tables.js';

/** The time of release of bytes that were announced and that no row has needed yet. */
const NEVER_NEEDED = '0001-01-01T00:00:00.000000Z';

const ANNOUNCE = `insert into blobs (content_hash, refs, released_at) values (?, 0, '${NEVER_NEEDED}') on conflict do nothing`;

/** A commit in order with all others, which is not waited for until it is durable. */
export async function announceBlob(connection: Connection, contentHash: string): Promise<string> {
  await runAlone(connection, () => connection.statements.runWithoutSync(ANNOUNCE, [contentHash]));
  return contentHash;
}

/** Notes one more row that needs bytes, and their BLAKE3 where it is known and was not. Part of the transaction of that row. */
export const ADD_BLOB_REF = `
  insert into blobs (content_hash, refs, released_at, blake3) values (?, 1, null, ?)
  on conflict (content_hash) do update
  set refs = blobs.refs + 1, released_at = null, blake3 = coalesce(blobs.blake3, excluded.blake3)`;

export async function addBlobRef(transaction: Db, contentHash: string): Promise<void> {
  await transaction.executeQuery(CompiledQuery.raw(ADD_BLOB_REF, [contentHash, null]));
}

/** Notes that a row which needed these bytes is gone. Part of the transaction that deletes the row. */
export async function releaseBlobRef(transaction: Db, contentHash: string, time: Timestamp): Promise<void> {
  await transaction
    .updateTable('blobs')
    .set({ refs: sql`refs - 1`, released_at: sql`case when refs = 1 then ${time} end` })
    .where('content_hash', '=', contentHash)
    .execute();
}

export function findReleasedBlobs(db: Db, graceMs: number, limit: number): Promise<ReleasedBytes[]> {
  const last = new Date(Date.parse(now()) - graceMs).toISOString().replace('Z', '999Z');
  return releasedUntil(db, last, limit);
}

/** Bytes that are being written just now are among them. */
export function findInterruptedBlobs(db: Db, limit: number): Promise<ReleasedBytes[]> {
  return releasedUntil(db, NEVER_NEEDED, limit);
}

async function releasedUntil(db: Db, last: Timestamp, limit: number): Promise<ReleasedBytes[]> {
  const rows = await db
    .selectFrom('blobs')
    .select('content_hash')
    .where('released_at', '<=', last)
    .orderBy('released_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ contentHash: row.content_hash, place: row.content_hash }));
}

/** One process writes, and its lock of the content hash keeps what is claimed from being needed again. */
export async function claimBlob(db: Db, contentHash: string): Promise<boolean> {
  const row = await db
    .selectFrom('blobs')
    .select('released_at')
    .where('content_hash', '=', contentHash)
    .executeTakeFirst();
  return row?.released_at != null;
}

export async function forgetBlob(db: Db, contentHash: string): Promise<void> {
  await db.deleteFrom('blobs').where('content_hash', '=', contentHash).execute();
}

import { sql } from 'kysely';
import type { Timestamp } from '../../services/timestamp.js';
import type { Store } from './tables.js';

/** Notes one more row that needs these bytes. Part of the transaction that writes the row. */
export async function addBlobRef(transaction: Store, contentHash: string): Promise<void> {
  await transaction
    .insertInto('blobs')
    .values({ content_hash: contentHash, refs: 1, released_at: null })
    .onConflict((conflict) =>
      conflict.column('content_hash').doUpdateSet({ refs: sql`blobs.refs + 1`, released_at: null }),
    )
    .execute();
}

/** Whether these bytes are kept, needed or not. */
export async function hasBlobRef(store: Store, contentHash: string): Promise<boolean> {
  const row = await store
    .selectFrom('blobs')
    .select('refs')
    .where('content_hash', '=', contentHash)
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes that a row which needed these bytes is gone. Part of the transaction that deletes the row. */
export async function releaseBlobRef(
  transaction: Store,
  contentHash: string,
  time: Timestamp,
): Promise<void> {
  await transaction
    .updateTable('blobs')
    .set({ refs: sql`refs - 1`, released_at: sql`case when refs = 1 then ${time} end` })
    .where('content_hash', '=', contentHash)
    .execute();
}

/** Bytes that nothing has needed since before the given time. */
export async function findReleasedBlobs(store: Store, before: Timestamp, limit: number): Promise<string[]> {
  const rows = await store
    .selectFrom('blobs')
    .select('content_hash')
    .where('released_at', '<', before)
    .orderBy('released_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.content_hash);
}

/** Forgets bytes that nothing needs. False when something needs them by now. */
export async function forgetReleasedBlob(store: Store, contentHash: string): Promise<boolean> {
  const { numDeletedRows } = await store
    .deleteFrom('blobs')
    .where('content_hash', '=', contentHash)
    .where('released_at', 'is not', null)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

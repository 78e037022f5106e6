import { sql } from 'kysely';
import type { Timestamp } from '../../../services/timestamp.js';
import type { Store } from './tables.js';

/** Of bytes that no row has needed yet: before every time that could be given for the last one. */
const NEVER_NEEDED = '0001-01-01T00:00:00.000000Z';
/** What was announced and not needed was released before it; what was needed once, behind it. */
export const ONLY_ANNOUNCED: Timestamp = '0001-01-02T00:00:00.000000Z';

/**
 * Notes bytes that are about to be written, so that they are swept when no row comes to need them: the process may end
 * in between. This one commit is in order with all others, but need not be durable before the bytes are.
 */
export async function announceBlob(store: Store, contentHash: string): Promise<void> {
  await store.connection().execute(async (connection) => {
    await sql`pragma synchronous = normal`.execute(connection);
    try {
      await connection
        .insertInto('blobs')
        .values({ content_hash: contentHash, refs: 0, released_at: NEVER_NEEDED })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    } finally {
      await sql`pragma synchronous = full`.execute(connection);
    }
  });
}

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

/** Whether nothing needs bytes that were released or announced. */
export async function isReleased(store: Store, contentHash: string): Promise<boolean> {
  const row = await store
    .selectFrom('blobs')
    .select('released_at')
    .where('content_hash', '=', contentHash)
    .executeTakeFirst();
  return row?.released_at != null;
}

/** Forgets bytes that are gone. */
export async function forgetBlob(store: Store, contentHash: string): Promise<void> {
  await store.deleteFrom('blobs').where('content_hash', '=', contentHash).execute();
}

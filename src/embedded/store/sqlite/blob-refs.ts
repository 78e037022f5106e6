import { sql } from 'kysely';
import type { Timestamp } from '../../../services/timestamp.js';
import type { Db } from './tables.js';

/** The time of release of bytes that no row has needed yet: before ONLY_ANNOUNCED. */
const NEVER_NEEDED = '0001-01-01T00:00:00.000000Z';

/** A commit in order with all others, which is not waited for until it is durable. */
export async function announceBlob(db: Db, contentHash: string): Promise<void> {
  await db.connection().execute(async (connection) => {
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
export async function addBlobRef(transaction: Db, contentHash: string): Promise<void> {
  await transaction
    .insertInto('blobs')
    .values({ content_hash: contentHash, refs: 1, released_at: null })
    .onConflict((conflict) =>
      conflict.column('content_hash').doUpdateSet({ refs: sql`blobs.refs + 1`, released_at: null }),
    )
    .execute();
}

/** Notes that a row which needed these bytes is gone. Part of the transaction that deletes the row. */
export async function releaseBlobRef(transaction: Db, contentHash: string, time: Timestamp): Promise<void> {
  await transaction
    .updateTable('blobs')
    .set({ refs: sql`refs - 1`, released_at: sql`case when refs = 1 then ${time} end` })
    .where('content_hash', '=', contentHash)
    .execute();
}

export async function findReleasedBlobs(db: Db, before: Timestamp, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('blobs')
    .select('content_hash')
    .where('released_at', '<', before)
    .orderBy('released_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.content_hash);
}

export async function isReleased(db: Db, contentHash: string): Promise<boolean> {
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

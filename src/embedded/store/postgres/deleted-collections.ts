import { sql } from 'kysely';
import { isStorable } from '../../../services/storable-text.js';
import type { DeletedCollection } from '../store.js';
import { runTransaction } from './failures.js';
import type { Db } from './tables.js';

/** The condition on images that their collection is there: the few ids of those deleted are read once a statement. */
export const OF_COLLECTIONS = sql`images.collection_id <> all
  (array(select collection_id from collections where deleted_at is not null))`;

/**
 * Whoever adds an image holds a share of the collection's row until the image is there (put-image.ts). This waits for
 * them, and whoever comes later finds no collection.
 */
export async function deleteCollection(
  db: Db,
  collectionId: string,
  confirmation: string,
): Promise<DeletedCollection> {
  if (!isStorable(collectionId)) return 'UNKNOWN';
  return runTransaction(({ mayBeDone }) =>
    db.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ name: string | null }>`
        select name from collections where collection_id = ${collectionId} and deleted_at is null
        for update`.execute(transaction);
      const [collection] = rows;
      if (!collection) return mayBeDone ? 'DELETED' : 'UNKNOWN';
      if (confirmation !== (collection.name ?? collectionId)) return 'NOT_CONFIRMED';
      await sql`
        with keys as (delete from collection_keys where collection_id = ${collectionId})
        update collections set name = null, "user" = null, deleted_at = clock_timestamp()
        where collection_id = ${collectionId}`.execute(transaction);
      return 'DELETED';
    }),
  );
}

/** Of several gateways at it one waits for the other, image by image. */
export function emptyDeletedCollections(db: Db, limit: number): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const { rows: nonempty } = await sql<{ collectionId: string }>`
      select collection_id as "collectionId" from collections
      where deleted_at is not null
        and exists (select from images where images.collection_id = collections.collection_id)
      limit 1`.execute(transaction);
    if (nonempty.length === 0) return false;
    const { rows: images } = await sql<{ seq: number; hash: Buffer }>`
      select seq, content_hash as hash from images where collection_id = ${nonempty[0]!.collectionId}
      order by seq limit ${limit} for update`.execute(transaction);
    // In one order, as others lock several of them too.
    await sql`
      select from blobs where content_hash = any(${images.map(({ hash }) => hash)}::bytea[])
      order by content_hash for update`.execute(transaction);
    await sql`
      with removed as (
        delete from images where seq = any(${images.map(({ seq }) => seq)}::bigint[])
        returning seq, collection_id, content_hash),
      counted as (select content_hash, count(*) as rows from removed group by content_hash),
      released as (
        update blobs set refs = refs - counted.rows,
          released_at = case when refs = counted.rows then clock_timestamp() end
        from counted where blobs.content_hash = counted.content_hash)
      insert into changes (collection_id, seq) select collection_id, seq from removed`.execute(transaction);
    return true;
  });
}

import { sql } from 'kysely';
import { now } from '../../../services/timestamp.js';
import type { Db } from './tables.js';

/** The condition on images that their collection is there: not many are deleted, and their ids come from an index. */
export const OF_COLLECTIONS = sql<boolean>`images.collection_id not in
  (select collection_id from collections where deleted_at is not null)`;

/** One transaction: the rows go, searches are told, and their bytes are counted down. */
export function emptyDeletedCollections(db: Db, limit: number): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const images = await transaction
      .selectFrom('images')
      .select(['seq', 'collection_id', 'content_hash'])
      .where('collection_id', '=', (of) =>
        of
          .selectFrom('collections')
          .select('collections.collection_id')
          .where('deleted_at', 'is not', null)
          .where(({ exists, selectFrom }) =>
            exists(
              selectFrom('images as left')
                .select('left.seq')
                .whereRef('left.collection_id', '=', 'collections.collection_id'),
            ),
          )
          .limit(1),
      )
      .limit(limit)
      .execute();
    if (images.length === 0) return false;
    const seqs = sql`select value from json_each(${JSON.stringify(images.map(({ seq }) => seq))})`;
    await sql`delete from images where seq in (${seqs})`.execute(transaction);
    await sql`
      insert into deleted_images (collection_id, seq)
      select ${images[0]!.collection_id}, value from (${seqs})`.execute(transaction);
    const hashes = JSON.stringify(images.map(({ content_hash }) => content_hash));
    await sql`
      update blobs set refs = refs - gone.rows, released_at = case when refs = gone.rows then ${now()} end
      from (select value as hash, count(*) as rows from json_each(${hashes}) group by value) as gone
      where content_hash = gone.hash`.execute(transaction);
    return true;
  });
}

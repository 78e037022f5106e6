import type { OutdatedImage } from '../store.js';
import type { Db } from './tables.js';

export async function countOutdatedImages(db: Db, version: number): Promise<number> {
  const { count } = await db
    .selectFrom('images')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('descriptor_version', '<>', version)
    .executeTakeFirstOrThrow();
  return count;
}

export function listOutdatedImages(
  db: Db,
  version: number,
  after: OutdatedImage | undefined,
  limit: number,
): Promise<OutdatedImage[]> {
  let query = db
    .selectFrom('images')
    .select(['seq', 'content_hash as contentHash', 'descriptor_version as descriptorVersion'])
    .where('descriptor_version', '<>', version)
    .orderBy('descriptor_version')
    .orderBy('seq')
    .limit(limit);
  if (after) {
    const { descriptorVersion, seq } = after;
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('descriptor_version', 'seq'), '>', tuple(descriptorVersion, seq)),
    );
  }
  return query.execute();
}

export async function replaceDescriptor(
  db: Db,
  seq: number,
  descriptor: Uint8Array,
  version: number,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('images')
      .where('seq', '=', seq)
      .returning(['collection_id', 'image_id', 'content_hash', 'image_time'])
      .executeTakeFirst();
    if (!row) return;
    await transaction
      .insertInto('deleted_images')
      .values({ collection_id: row.collection_id, seq })
      .execute();
    await transaction
      .insertInto('images')
      .values({ ...row, descriptor, descriptor_version: version })
      .execute();
  });
}

import type { Store } from './tables.js';

/** An image whose descriptor is of another version than wanted. */
export interface OutdatedImage {
  seq: number;
  contentHash: string;
  descriptorVersion: number;
}

export async function countOutdatedImages(store: Store, version: number): Promise<number> {
  const { count } = await store
    .selectFrom('images')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('descriptor_version', '<>', version)
    .executeTakeFirstOrThrow();
  return count;
}

/** By version, then by seq: what comes behind `after`. */
export function listOutdatedImages(
  store: Store,
  version: number,
  after: OutdatedImage | undefined,
  limit: number,
): Promise<OutdatedImage[]> {
  let query = store
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

/** Writes the row of an image anew, with another descriptor. Nothing happens when the row is gone by now. */
export async function replaceDescriptor(
  store: Store,
  seq: number,
  descriptor: Uint8Array,
  version: number,
): Promise<void> {
  await store.transaction().execute(async (transaction) => {
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

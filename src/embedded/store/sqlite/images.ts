import { type Insertable, sql } from 'kysely';
import { imageKeyText } from '../../../services/image-key.js';
import { now } from '../../../services/timestamp.js';
import { type ImageKey, UnknownCollectionError } from '../../../services/visualsnoop.js';
import { type Description, type NewImage, type PutImage, putUnchanged, type StoredImage } from '../store.js';
import { addBlobRef, releaseBlobRef } from './blob-refs.js';
import { findCollections } from './collections.js';
import { OF_COLLECTIONS } from './deleted-collections.js';
import { IMAGE } from './image-lists.js';
import { padded, readByKeys } from './read-by-keys.js';
import type { Db, ImagesTable } from './tables.js';

export async function findImages(db: Db, keys: readonly ImageKey[]): Promise<(StoredImage | null)[]> {
  const images = await readByKeys(keys, (some) => {
    const wanted = sql.join(some.map(({ collectionId, imageId }) => sql`(${collectionId}, ${imageId})`));
    return db
      .selectFrom('images')
      .select(IMAGE)
      .where(sql<boolean>`(collection_id, image_id) in (values ${wanted})`)
      .where(OF_COLLECTIONS)
      .execute();
  });
  const found = new Map(images.map((image) => [imageKeyText(image), image]));
  return keys.map((key) => found.get(imageKeyText(key)) ?? null);
}

export async function listNewestImages(
  db: Db,
  collectionIds: readonly string[],
  limit: number,
): Promise<Map<string, StoredImage[]>> {
  const found = new Map<string, StoredImage[]>(collectionIds.map((id) => [id, []]));
  const images = await readByKeys([...found.keys()], (ids) =>
    db
      .selectFrom('collections')
      .innerJoin('images', (join) =>
        // The index gives so many of each collection without a look at the others.
        join.on('images.seq', 'in', (of) =>
          of
            .selectFrom('images as newest')
            .select('newest.seq')
            .whereRef('newest.collection_id', '=', 'collections.collection_id')
            .orderBy('newest.image_time', 'desc')
            .orderBy('newest.image_id', 'asc')
            .limit(limit),
        ),
      )
      .select(IMAGE.map((column) => `images.${column}` as const))
      .where('collections.collection_id', 'in', ids)
      .where('collections.deleted_at', 'is', null)
      .orderBy('images.image_time', 'desc')
      .orderBy('images.image_id', 'asc')
      .execute(),
  );
  for (const image of images) found.get(image.collectionId)?.push(image);
  return found;
}

export async function findImagesByContentHash(
  db: Db,
  contentHashes: readonly string[],
  collectionIds: readonly string[] | null,
  limit: number,
): Promise<Map<string, StoredImage[]>> {
  if (collectionIds?.length === 0) return new Map();
  let query = db
    .selectFrom('images')
    .where(OF_COLLECTIONS)
    .select(IMAGE)
    .select(
      sql<number>`row_number() over
        (partition by content_hash order by image_time desc, image_id, collection_id)`.as('place'),
    );
  if (collectionIds) query = query.where('collection_id', 'in', padded(collectionIds));
  const found = new Map<string, StoredImage[]>(contentHashes.map((contentHash) => [contentHash, []]));
  const images = await readByKeys([...found.keys()], (hashes) =>
    db
      .selectFrom(query.where('content_hash', 'in', hashes).as('found'))
      .select(['collectionId', 'imageId', 'imageTime', 'contentHash'])
      .where('place', '<=', limit)
      .orderBy('place')
      .execute(),
  );
  for (const image of images) found.get(image.contentHash)?.push(image);
  return found;
}

export async function putImage(db: Db, image: NewImage, updateExisting: boolean): Promise<PutImage> {
  const { collectionId, imageId, contentHash } = image;
  return db.transaction().execute(async (transaction) => {
    const [existing = null] = await findImages(transaction, [image]);
    const unchanged = putUnchanged(existing, contentHash, updateExisting);
    if (unchanged) return unchanged;
    if (!existing && (await findCollections(transaction, [collectionId])).size === 0)
      throw new UnknownCollectionError(collectionId);
    if (existing) await removeImage(transaction, existing);
    const imageTime = now();
    await insertDescribedImage(transaction, toRow(image, imageTime), image);
    await addBlobRef(transaction, contentHash);
    return {
      image: { collectionId, imageId, imageTime, contentHash },
      status: existing ? 'UPDATED' : 'ADDED',
    };
  });
}

export async function deleteImage(db: Db, key: ImageKey): Promise<StoredImage | null> {
  return db.transaction().execute(async (transaction) => {
    const [image] = await findImages(transaction, [key]);
    if (image) await removeImage(transaction, image);
    return image ?? null;
  });
}

async function removeImage(
  transaction: Db,
  { collectionId, imageId, contentHash }: StoredImage,
): Promise<void> {
  const { seq } = await transaction
    .deleteFrom('images')
    .where('collection_id', '=', collectionId)
    .where('image_id', '=', imageId)
    .returning('seq')
    .executeTakeFirstOrThrow();
  await transaction.insertInto('deleted_images').values({ collection_id: collectionId, seq }).execute();
  await releaseBlobRef(transaction, contentHash, now());
}

/** Writes a row of images, and its keypoints. */
export async function insertDescribedImage(
  transaction: Db,
  row: Insertable<ImagesTable>,
  { keypoints, keypointsVersion }: Pick<Description, 'keypoints' | 'keypointsVersion'>,
): Promise<void> {
  const { seq } = await transaction
    .insertInto('images')
    .values(row)
    .returning('seq')
    .executeTakeFirstOrThrow();
  await transaction
    .insertInto('image_keypoints')
    .values({ seq, version: keypointsVersion, keypoints })
    .execute();
}

function toRow(
  { collectionId, imageId, contentHash, descriptor, descriptorVersion }: NewImage,
  imageTime: string,
): Insertable<ImagesTable> {
  return {
    collection_id: collectionId,
    image_id: imageId,
    content_hash: contentHash,
    image_time: imageTime,
    descriptor_version: descriptorVersion,
    descriptor,
  };
}

import { type RawBuilder, sql } from 'kysely';
import { imageKeyText } from '../../../services/image-key.js';
import { isStorable } from '../../../services/storable-text.js';
import type { ImageFilter, ImageKey, ImageOrder, ImagePosition } from '../../../services/visualsnoop.js';
import type { ImageStore, StoredImage } from '../store.js';
import { OF_COLLECTIONS } from './deleted-collections.js';
import { where } from './entry-filter.js';
import { allHashBytes } from './hashes.js';
import type { Db } from './tables.js';
import { upToNul } from './values.js';

/** The columns of an image, but for its descriptor. */
export const IMAGE = sql`images.collection_id as "collectionId", images.image_id as "imageId",
  images.image_time as "imageTime", encode(images.content_hash, 'hex') as "contentHash"`;

type ImageReads = Pick<ImageStore, 'find' | 'list' | 'count' | 'listNewest' | 'findByContentHash'>;

/** All that requests read of images. */
export function imageReads(db: Db): ImageReads {
  return {
    find: (keys) => findImages(db, keys),
    async list(collectionId, { order = 'NEWEST_FIRST', filter = {}, after, from, before, limit }) {
      if (!mayHave(collectionId, filter)) return [];
      const conditions = [
        ...ofCollection(collectionId, filter),
        ...(after ? [behind(order, after, sql``)] : []),
        ...(from ? [behind(order, from, sql`=`)] : []),
        ...(before ? [behind(REVERSE[order], before, sql``)] : []),
      ];
      const sorted =
        order === 'NEWEST_FIRST' ? sql`image_time desc, image_id` : sql`image_time, image_id desc`;
      const { rows } = await sql<StoredImage>`
        select ${IMAGE} from images ${where(conditions)} order by ${sorted} limit ${limit}`.execute(db);
      return rows;
    },
    async count(collectionId, filter) {
      if (!mayHave(collectionId, filter)) return 0;
      const { rows } = await sql<{ total: number }>`
        select count(*) as total from images ${where(ofCollection(collectionId, filter))}`.execute(db);
      return rows[0]!.total;
    },
    listNewest: (collectionIds, limit) => listNewest(db, collectionIds, limit),
    findByContentHash: (contentHashes, collectionIds, limit) =>
      findByContentHash(db, contentHashes, collectionIds, limit),
  };
}

const REVERSE = { NEWEST_FIRST: 'OLDEST_FIRST', OLDEST_FIRST: 'NEWEST_FIRST' } as const;

/** Whether a row can have these texts: the database would refuse others, or find something else. */
function mayHave(collectionId: string, { imageIdContains = '' }: ImageFilter): boolean {
  return isStorable(collectionId) && isStorable(imageIdContains);
}

/** The collation "C" knows the case of ASCII letters only, as is wanted. */
function ofCollection(
  collectionId: string,
  { imageIdContains: part, imageTimeFrom: from, imageTimeBefore: before }: ImageFilter,
): RawBuilder<unknown>[] {
  return [
    sql`collection_id = ${collectionId}`,
    OF_COLLECTIONS,
    ...(from === undefined ? [] : [sql`image_time >= ${from}::timestamptz`]),
    ...(before === undefined ? [] : [sql`image_time < ${before}::timestamptz`]),
    ...(part === undefined ? [] : [sql`position(lower(${part}::text collate "C") in lower(image_id)) > 0`]),
  ];
}

/** The condition on a place in the order. The first comparison is implied, but only by it the index is entered. */
function behind(
  order: ImageOrder,
  { imageTime, imageId }: ImagePosition,
  orAtIt: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const time = sql`${imageTime}::timestamptz`;
  const id = upToNul(imageId);
  return order === 'NEWEST_FIRST'
    ? sql`image_time <= ${time} and (image_time < ${time} or image_id >${orAtIt} ${id})`
    : sql`image_time >= ${time} and (image_time > ${time} or image_id <${orAtIt} ${id})`;
}

export async function findImages(db: Db, keys: readonly ImageKey[]): Promise<(StoredImage | null)[]> {
  // No row has such a key, and the database would refuse it, or find another one.
  const askable = keys.filter(({ collectionId, imageId }) => isStorable(collectionId) && isStorable(imageId));
  if (askable.length === 0) return keys.map(() => null);
  const { rows } = await sql<StoredImage>`
    select ${IMAGE}
    from unnest(${askable.map(({ collectionId }) => collectionId)}::text[],
                ${askable.map(({ imageId }) => imageId)}::text[]) as wanted (collection_id, image_id)
    join images on images.collection_id = wanted.collection_id collate "C"
               and images.image_id = wanted.image_id collate "C"
    where ${OF_COLLECTIONS}`.execute(db);
  const found = new Map(rows.map((image) => [imageKeyText(image), image]));
  return keys.map((key) => found.get(imageKeyText(key)) ?? null);
}

/** The index gives so many of each collection without a look at the others. */
async function listNewest(
  db: Db,
  collectionIds: readonly string[],
  limit: number,
): Promise<Map<string, StoredImage[]>> {
  const found = new Map<string, StoredImage[]>(collectionIds.map((id) => [id, []]));
  const { rows } = await sql<StoredImage>`
    select ${IMAGE} from unnest(${[...found.keys()].filter(isStorable)}::text[]) as wanted (collection_id),
    lateral (
      select * from images where images.collection_id = wanted.collection_id collate "C" and ${OF_COLLECTIONS}
      order by image_time desc, image_id limit ${limit}
    ) as images`.execute(db);
  for (const image of rows) found.get(image.collectionId)!.push(image);
  return found;
}

async function findByContentHash(
  db: Db,
  contentHashes: readonly string[],
  collectionIds: readonly string[] | null,
  limit: number,
): Promise<Map<string, StoredImage[]>> {
  if (collectionIds?.length === 0) return new Map();
  const found = new Map<string, StoredImage[]>(contentHashes.map((contentHash) => [contentHash, []]));
  const amongThem = collectionIds
    ? sql`and collection_id = any(${collectionIds.filter(isStorable)}::text[])`
    : sql``;
  const { rows } = await sql<StoredImage>`
    select "collectionId", "imageId", "imageTime", "contentHash" from (
      select ${IMAGE}, row_number() over
        (partition by content_hash order by image_time desc, image_id, collection_id) as place
      from images
      where content_hash = any(${allHashBytes([...found.keys()])}::bytea[]) and ${OF_COLLECTIONS} ${amongThem}
    ) as found
    where place <= ${limit} order by place`.execute(db);
  for (const image of rows) found.get(image.contentHash)!.push(image);
  return found;
}

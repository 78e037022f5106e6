import { type RawBuilder, sql } from 'kysely';
import type { Description, DescriptionVersions, OutdatedImage } from '../store.js';
import { insertDescribedImage } from './images.js';
import type { Db } from './tables.js';

export async function countOutdatedImages(db: Db, versions: DescriptionVersions): Promise<number> {
  if (await areAllDescribed(db, versions)) return 0;
  const { count } = await db
    .selectFrom('images')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(isOutdated(versions))
    .executeTakeFirstOrThrow();
  return count;
}

/** Whether each table has a row of the version for each image: quicker to tell than of which image it lacks one. */
async function areAllDescribed(
  db: Db,
  { descriptorVersion, keypointsVersion }: DescriptionVersions,
): Promise<boolean> {
  const { rows } = await sql<{ images: number; described: number; keypoints: number }>`
    select (select count(*) from images) as images,
      (select count(*) from images where descriptor_version = ${descriptorVersion}) as described,
      (select count(*) from image_keypoints where version = ${keypointsVersion}) as keypoints`.execute(db);
  const { images, described, keypoints } = rows[0]!;
  return described === images && keypoints === images;
}

function isOutdated({ descriptorVersion, keypointsVersion }: DescriptionVersions): RawBuilder<boolean> {
  return sql<boolean>`(descriptor_version <> ${descriptorVersion} or not exists (
    select 1 from image_keypoints where version = ${keypointsVersion} and image_keypoints.seq = images.seq))`;
}

export function listOutdatedImages(
  db: Db,
  versions: DescriptionVersions,
  after: OutdatedImage | undefined,
  limit: number,
): Promise<OutdatedImage[]> {
  let query = db
    .selectFrom('images')
    .select(['seq', 'content_hash as contentHash', 'descriptor_version as descriptorVersion'])
    .where(isOutdated(versions))
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

export async function replaceDescription(db: Db, seq: number, description: Description): Promise<void> {
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
    const { descriptor, descriptorVersion } = description;
    await insertDescribedImage(
      transaction,
      { ...row, descriptor, descriptor_version: descriptorVersion },
      description,
    );
  });
}

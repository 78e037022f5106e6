import { type RawBuilder, sql } from 'kysely';
import { type ImageKey, UnknownCollectionError } from '../../../services/visualsnoop.js';
import { BytesGoneError, type NewBytes } from '../blob-store.js';
import { type Description, type NewImage, type PutImage, putUnchanged, type StoredImage } from '../store.js';
import { countBytes, grantBytes, RELEASE_BYTES, replaceLostBytes } from './blob-parts.js';
import { announceAgain } from './blob-places.js';
import { runTransaction } from './failures.js';
import { hashBytes } from './hashes.js';
import { findImages, IMAGE } from './images.js';
import { isWithoutBytes } from './store-entry.js';
import type { Db } from './tables.js';

/** Each further one means that somebody deleted the image, or put another one there, between two statements. */
const MAX_ATTEMPTS = 20;

/** A new image is one statement; one that takes the place of another is a transaction of its own. */
export function putImage(
  db: Db,
  image: NewImage,
  updateExisting: boolean,
  written?: NewBytes,
): Promise<PutImage> {
  return runTransaction(async ({ mayBeDone }) => {
    const bytes = await replaceLostBytes(db, image.contentHash, written);
    for (let left = MAX_ATTEMPTS; left > 0; left--) {
      const { granted, collected, added } = await unlessWithoutBytes(addImage(db, image, bytes));
      if (added) return { image: added, status: 'ADDED' };
      if (!collected) throw new UnknownCollectionError(image.collectionId);
      const [existing = null] = await findImages(db, [image]);
      if (existing && mayBeDone && existing.contentHash === image.contentHash)
        return { image: existing, status: 'ADDED' };
      const unchanged = putUnchanged(existing, image.contentHash, updateExisting);
      if (unchanged) {
        if (bytes && !granted) await announceAgain(db, image.contentHash, bytes.place);
        return unchanged;
      }
      if (!granted) break;
      const updated = existing && (await unlessWithoutBytes(replaceImage(db, existing, image, bytes)));
      if (updated) return { image: updated, status: 'UPDATED' };
    }
    throw new BytesGoneError(GONE);
  });
}

const GONE = 'The bytes were swept before a row needed them.';

async function unlessWithoutBytes<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw isWithoutBytes(error) ? new BytesGoneError(GONE, { cause: error }) : error;
  }
}

/** No image when the id is taken. The collection cannot be deleted while this runs. */
async function addImage(
  db: Db,
  image: NewImage,
  written: NewBytes | undefined,
): Promise<{ granted: boolean; collected: boolean; added: StoredImage | null }> {
  const { collectionId, imageId, contentHash, descriptor, descriptorVersion } = image;
  const statement = sql<StoredImage & { granted: boolean; collected: boolean }>`
    with collected as materialized (
      select collection_id from collections where collection_id = ${collectionId} and deleted_at is null
      for key share),
    ${grantBytes(written)},
    added as (
      insert into images (collection_id, image_id, content_hash, image_time, descriptor_version, descriptor)
      select ${collectionId}, ${imageId}, ${hashBytes(contentHash)}, clock_timestamp(), ${descriptorVersion},
        ${Buffer.from(descriptor)}
      from granted, collected
      on conflict (collection_id, image_id) do nothing
      returning *),
    ${insertKeypoints(image)},
    ${countBytes(image, written)},
    noted as (insert into changes (collection_id, seq) select collection_id, seq from added)
    select exists (select from granted) as granted, exists (select from collected) as collected, ${IMAGE} from (select) as one left join added as images on true`;
  const { rows } = await statement.execute(db);
  const { granted, collected, ...added } = rows[0]!;
  return { granted, collected, added: added.imageId === null ? null : added };
}

/** Of a statement: the keypoints of the row in `added`. */
export function insertKeypoints({
  keypoints,
  keypointsVersion,
}: Pick<Description, 'keypoints' | 'keypointsVersion'>): RawBuilder<unknown> {
  return sql`with_keypoints as (
    insert into image_keypoints (seq, version, keypoints)
    select seq, ${keypointsVersion}::integer, ${Buffer.from(keypoints)}::bytea from added)`;
}

/** Null when the image is not the existing one any more, or when the new bytes were claimed. */
async function replaceImage(
  db: Db,
  existing: StoredImage,
  image: NewImage,
  written: NewBytes | undefined,
): Promise<StoredImage | null> {
  const { collectionId, imageId } = existing;
  const { contentHash, descriptor, descriptorVersion } = image;
  const [oldHash, newHash] = [hashBytes(existing.contentHash), hashBytes(contentHash)];
  return db.transaction().execute(async (transaction) => {
    const { rows: locked } = await sql<{ seq: number }>`
      select seq from images
      where collection_id = ${collectionId} and image_id = ${imageId} and content_hash = ${oldHash}
      for update`.execute(transaction);
    if (locked.length === 0) return null;
    // Two replacements that swap their bytes would wait for each other.
    await sql`
      select from blobs where content_hash in (${oldHash}, ${newHash}) order by content_hash
      for update`.execute(transaction);
    const { rows } = await sql<StoredImage>`
      with ${grantBytes(written)},
      removed as (select seq, collection_id, content_hash from images, granted where seq = ${locked[0]!.seq}),
      added as (
        update images set seq = default, content_hash = ${newHash}, image_time = clock_timestamp(),
          descriptor_version = ${descriptorVersion}, descriptor = ${Buffer.from(descriptor)}
        from removed where images.seq = removed.seq
        returning images.*),
      ${insertKeypoints(image)},
      ${RELEASE_BYTES},
      ${countBytes(image, written)},
      noted as (
        insert into changes (collection_id, seq)
        select collection_id, seq from removed union all select collection_id, seq from added)
      select ${IMAGE} from added as images`.execute(transaction);
    return rows[0] ?? null;
  });
}

export async function deleteImage(db: Db, key: ImageKey): Promise<StoredImage | null> {
  const [known = null] = await runTransaction(() => findImages(db, [key]));
  if (!known) return null;
  return runTransaction(async ({ mayBeDone }) => {
    const { rows } = await sql<StoredImage>`
      with removed as (
        delete from images where collection_id = ${key.collectionId} and image_id = ${key.imageId}
        returning seq, collection_id, image_id, image_time, content_hash),
      ${RELEASE_BYTES},
      noted as (insert into changes (collection_id, seq) select collection_id, seq from removed)
      select ${IMAGE} from removed as images`.execute(db);
    return rows[0] ?? (mayBeDone ? known : null);
  });
}

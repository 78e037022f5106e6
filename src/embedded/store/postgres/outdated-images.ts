import { type RawBuilder, sql } from 'kysely';
import type { Description, DescriptionVersions, ImageStore, OutdatedImage } from '../store.js';
import { insertKeypoints } from './put-image.js';
import type { Db } from './tables.js';

type Reindexing = Pick<
  ImageStore,
  'countOutdated' | 'listOutdated' | 'releaseOutdated' | 'replaceDescription'
>;

/** The images whose descriptions are to be made anew. */
export function outdatedImages(db: Db): Reindexing {
  return {
    async countOutdated(versions) {
      const { count } = await db
        .selectFrom('images')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where(isOutdated(versions))
        .executeTakeFirstOrThrow();
      return count;
    },
    listOutdated: (versions, after, limit, claimant) => listOutdated(db, versions, after, limit, claimant),
    async releaseOutdated(claimant) {
      await sql`
        delete from leases
        where name like ${`${CLAIM}%`} and (holder = ${claimant} or expires_at < clock_timestamp())`.execute(
        db,
      );
    },
    replaceDescription: (seq, description) => replaceDescription(db, seq, description),
  };
}

function isOutdated({ descriptorVersion, keypointsVersion }: DescriptionVersions): RawBuilder<boolean> {
  return sql<boolean>`(descriptor_version <> ${descriptorVersion} or not exists (
    select from image_keypoints where version = ${keypointsVersion} and image_keypoints.seq = images.seq))`;
}

/** The names of the leases of images: a process that ends keeps its images from others for a while only. */
const CLAIM = 'describe ';
const CLAIMED_MINUTES = 10;

/**
 * Those that another process is claiming just now are skipped. When it has claimed them before this statement comes to them
 * and after it began, their leases refuse another holder.
 */
async function listOutdated(
  db: Db,
  versions: DescriptionVersions,
  after: OutdatedImage | undefined,
  limit: number,
  claimant: string,
): Promise<OutdatedImage[]> {
  const behind = after
    ? sql`and (descriptor_version, seq) > (${after.descriptorVersion}, ${after.seq})`
    : sql``;
  const { rows } = await sql<OutdatedImage>`
    with outdated as materialized (
      select seq, content_hash, descriptor_version from images
      where ${isOutdated(versions)} ${behind} and not exists (
        select from leases where name = ${CLAIM} || seq and holder <> ${claimant} and expires_at >= clock_timestamp())
      order by descriptor_version, seq limit ${limit} for no key update skip locked),
    claimed as (
      insert into leases (name, holder, expires_at)
      select ${CLAIM} || seq, ${claimant}, clock_timestamp() + ${CLAIMED_MINUTES} * interval '1 minute' from outdated
      on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
        where leases.holder = excluded.holder or leases.expires_at < clock_timestamp()
      returning name)
    select seq, encode(content_hash, 'hex') as "contentHash", descriptor_version as "descriptorVersion"
    from outdated where ${CLAIM} || seq in (select name from claimed)
    order by descriptor_version, seq`.execute(db);
  return rows;
}

/** The row stays and waits for nobody, so that whoever deletes the image meanwhile finds it; but its seq is a new one. */
async function replaceDescription(db: Db, seq: number, description: Description): Promise<void> {
  const { descriptor, descriptorVersion } = description;
  await sql`
    with removed as materialized (select seq, collection_id from images where seq = ${seq} for update),
    added as (
      update images set seq = default, descriptor = ${Buffer.from(descriptor)},
        descriptor_version = ${descriptorVersion}
      from removed where images.seq = removed.seq
      returning images.seq, images.collection_id),
    ${insertKeypoints(description)}
    insert into changes (collection_id, seq)
    select collection_id, seq from removed union all select collection_id, seq from added`.execute(db);
}

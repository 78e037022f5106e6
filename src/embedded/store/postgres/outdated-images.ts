import { sql } from 'kysely';
import type { ImageStore, OutdatedImage } from '../store.js';
import type { Db } from './tables.js';

type Reindexing = Pick<
  ImageStore,
  'countOutdated' | 'listOutdated' | 'releaseOutdated' | 'replaceDescriptor'
>;

/** The images whose descriptors are to be made anew. */
export function outdatedImages(db: Db): Reindexing {
  return {
    async countOutdated(version) {
      const { count } = await db
        .selectFrom('images')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('descriptor_version', '<>', version)
        .executeTakeFirstOrThrow();
      return count;
    },
    listOutdated: (version, after, limit, claimant) => listOutdated(db, version, after, limit, claimant),
    async releaseOutdated(claimant) {
      await sql`
        delete from leases
        where name like ${`${CLAIM}%`} and (holder = ${claimant} or expires_at < clock_timestamp())`.execute(
        db,
      );
    },
    replaceDescriptor: (seq, descriptor, version) => replaceDescriptor(db, seq, descriptor, version),
  };
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
  version: number,
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
      where descriptor_version <> ${version} ${behind} and not exists (
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
async function replaceDescriptor(
  db: Db,
  seq: number,
  descriptor: Uint8Array,
  version: number,
): Promise<void> {
  await sql`
    with removed as materialized (select seq, collection_id from images where seq = ${seq} for update),
    added as (
      update images set seq = default, descriptor = ${Buffer.from(descriptor)}, descriptor_version = ${version}
      from removed where images.seq = removed.seq
      returning images.seq, images.collection_id)
    insert into changes (collection_id, seq)
    select collection_id, seq from removed union all select collection_id, seq from added`.execute(db);
}

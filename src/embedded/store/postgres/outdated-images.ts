import { sql } from 'kysely';
import type { ImageStore, OutdatedImage } from '../store.js';
import type { Db } from './tables.js';

type Reindexing = Pick<ImageStore, 'countOutdated' | 'listOutdated' | 'replaceDescriptor'>;

/** What making descriptors anew takes. */
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
    listOutdated: (version, after, limit) => listOutdated(db, version, after, limit),
    replaceDescriptor: (seq, descriptor, version) => replaceDescriptor(db, seq, descriptor, version),
  };
}

async function listOutdated(
  db: Db,
  version: number,
  after: OutdatedImage | undefined,
  limit: number,
): Promise<OutdatedImage[]> {
  const behind = after
    ? sql`and (descriptor_version, seq) > (${after.descriptorVersion}, ${after.seq})`
    : sql``;
  const { rows } = await sql<OutdatedImage>`
    select seq, encode(content_hash, 'hex') as "contentHash", descriptor_version as "descriptorVersion"
    from images where descriptor_version <> ${version} ${behind}
    order by descriptor_version, seq limit ${limit}`.execute(db);
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

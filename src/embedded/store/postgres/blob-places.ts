import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { BlobStore, ReleasedBytes } from '../blob-store.js';
import { blake3Rows } from './blake3.js';
import { allHashBytes, hashBytes } from './hashes.js';
import type { Db } from './tables.js';

/** Enough that no place is ever named twice: a writer or a sweeper may come to it as late as it likes. */
const RANDOM_BYTES = 8;

function newPlace(contentHash: string): string {
  const folder = `${contentHash.slice(0, 2)}/${contentHash.slice(2, 4)}`;
  return `${folder}/${contentHash}-${randomBytes(RANDOM_BYTES).toString('hex')}`;
}

/** Where bytes are, and which of them nothing needs. */
export function blobPlaces(db: Db): BlobStore {
  return {
    async findPlace(contentHash) {
      const [hash] = allHashBytes([contentHash]);
      if (!hash) return null;
      const row = await db
        .selectFrom('blobs')
        .select('place')
        .where('content_hash', '=', hash)
        .executeTakeFirst();
      return row?.place ?? null;
    },
    async findPlaces(contentHashes) {
      const { rows } = await sql<{ contentHash: string; place: string }>`
        select encode(content_hash, 'hex') as "contentHash", place from blobs
        where content_hash = any(${allHashBytes(contentHashes)}::bytea[])`.execute(db);
      return new Map(rows.map(({ contentHash, place }) => [contentHash, place]));
    },
    async announce(contentHash) {
      const place = newPlace(contentHash);
      // Not waited for until it is durable: commits stay in order, so no row is durable without it.
      await sql`
        with quick as materialized (select set_config('synchronous_commit', 'off', true))
        insert into blob_garbage (place, content_hash)
        select ${place}, ${hashBytes(contentHash)} from quick`.execute(db);
      return place;
    },
    announceAgain: (contentHash, place) => announceAgain(db, contentHash, place),
    findReleased: (graceMs, limit) => findReleased(db, graceMs, limit),
    // Others may be writing just now: what their ends left is found by its age.
    async findInterrupted() {
      return [];
    },
    claim: (contentHash, place) => claim(db, contentHash, place),
    async forget(_, place) {
      await sql`delete from blob_garbage where place = ${place} and claimed is not null`.execute(db);
    },
    ...blake3Rows(db),
  };
}

/** See BlobStore. */
export async function announceAgain(db: Db, contentHash: string, place: string): Promise<void> {
  const hash = hashBytes(contentHash);
  await sql`
    insert into blob_garbage (place, content_hash)
    select ${place}, ${hash} where not exists (select from blobs where content_hash = ${hash} and place = ${place})
    on conflict (place) do nothing`.execute(db);
}

/** Those whose removal began a short time ago are left to whoever removes them. */
async function findReleased(db: Db, graceMs: number, limit: number): Promise<ReleasedBytes[]> {
  const before = sql`clock_timestamp() - ${graceMs} * interval '1 millisecond'`;
  const { rows } = await sql<ReleasedBytes>`
    select encode(content_hash, 'hex') as "contentHash", place from (
      (select content_hash, place, released_at as since from blobs where released_at < ${before}
       order by released_at limit ${limit})
      union all
      (select content_hash, place, since from blob_garbage where coalesce(claimed, since) < ${before}
       order by since limit ${limit})
    ) as released order by since limit ${limit}`.execute(db);
  return rows;
}

/** One statement, so that it is committed before anything is removed. A row that comes to need the bytes is waited for. */
async function claim(db: Db, contentHash: string, place: string): Promise<boolean> {
  const hash = hashBytes(contentHash);
  const { rows } = await sql<{ place: string }>`
    with unneeded as (
      delete from blobs where content_hash = ${hash} and place = ${place} and refs = 0
      returning content_hash, place),
    moved as (
      insert into blob_garbage (place, content_hash, claimed)
      select place, content_hash, clock_timestamp() from unneeded
      returning place),
    claimed as (
      update blob_garbage set claimed = clock_timestamp() where place = ${place} returning place)
    select place from moved union all select place from claimed`.execute(db);
  return rows.length > 0;
}

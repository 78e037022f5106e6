import { type RawBuilder, sql } from 'kysely';
import type { NewBytes } from '../blob-store.js';
import { hashBytes } from './hashes.js';
import type { Db } from './tables.js';

/*
 * Parts of statements that write rows which need bytes. Whoever writes such a row first writes the row itself, then the
 * count of its bytes: all lock in this order, so that none waits for another in a circle.
 */

/**
 * `granted`: one row when bytes that have just been written may be used, that is, when nobody has claimed their place. They
 * are no garbage from then on. Without new bytes those that are there are used, and it always has a row.
 */
export function grantBytes(written: NewBytes | undefined): RawBuilder<unknown> {
  return written
    ? sql`granted as (delete from blob_garbage where place = ${written.place} and claimed is null returning place)`
    : sql`granted as (select 1)`;
}

/** Bytes that a row is written for. */
interface NeededBytes {
  contentHash: string;
  /** Noted where it is not known yet. */
  blake3?: string | undefined;
}

/**
 * `counted`: counts one more row that needs the bytes, for each row of `added`. When somebody else has written the same
 * bytes meanwhile, theirs stay and the new ones are garbage. Without new bytes and without others, no bytes are counted, and
 * the foreign key of the new row refuses it.
 */
export function countBytes(
  { contentHash, blake3: known }: NeededBytes,
  written: NewBytes | undefined,
): RawBuilder<unknown> {
  const hash = hashBytes(contentHash);
  const blake3 = sql`${known === undefined ? null : hashBytes(known)}::bytea`;
  const counting = sql`refs = blobs.refs + 1, released_at = null, blake3 = coalesce(blobs.blake3, ${blake3})`;
  if (!written)
    return sql`counted as (update blobs set ${counting} from added where blobs.content_hash = ${hash})`;
  return sql`counted as (
      insert into blobs (content_hash, place, refs, blake3) select ${hash}, ${written.place}, 1, ${blake3} from added
      on conflict (content_hash) do update set ${counting}
      returning place),
    given_back as (
      insert into blob_garbage (place, content_hash)
      select ${written.place}, ${hash} from granted
      where not exists (select from counted where place = ${written.place}))`;
}

/** `released`: counts one row less that needs the bytes, for each row of `removed`, which has their content_hash. */
export const RELEASE_BYTES = sql`released as (
  update blobs set refs = refs - 1, released_at = case when refs = 1 then clock_timestamp() end
  from removed where blobs.content_hash = removed.content_hash)`;

/**
 * Lets bytes that have just been written stand in for those that were found lost, unless somebody else has done so.
 * @returns the new bytes where a row has yet to take them; undefined where those that are there are to be used
 */
export async function replaceLostBytes(
  db: Db,
  contentHash: string,
  written: NewBytes | undefined,
): Promise<NewBytes | undefined> {
  if (written?.replaces === undefined) return written;
  const hash = hashBytes(contentHash);
  const { place, replaces } = written;
  const { rows } = await sql<{ place: string }>`
    with granted as (delete from blob_garbage where place = ${place} and claimed is null returning place),
      replaced as (
        update blobs set place = granted.place from granted
        where content_hash = ${hash} and blobs.place = ${replaces} returning blobs.place),
      garbage as (
        insert into blob_garbage (place, content_hash)
        select case when exists (select from replaced) then ${replaces} else ${place} end, ${hash} from granted)
    select place from replaced
    union all select place from blobs where content_hash = ${hash} and place = ${place}`.execute(db);
  return rows.length > 0 ? undefined : { place };
}

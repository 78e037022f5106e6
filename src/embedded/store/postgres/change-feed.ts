import { type RawBuilder, sql } from 'kysely';
import type { Position } from '../rows.js';
import type { Db } from './tables.js';

/*
 * Rows that came and went, as the difference of two snapshots of the database. Sequence numbers become visible in another order
 * than they are given, and transactions in another than they begin: a snapshot alone says which of them a copy has seen.
 * This holds on the primary only: the snapshots of a standby do not list what is running.
 */

/** How far a copy has followed. */
export interface FeedPosition {
  /** Which database, and which of its histories: after a restore or a failover transactions mean something else. */
  database: string;
  /** The transactions that have been seen, as `pg_snapshot`; while the rows are read for the first time, those before it. */
  seen: string;
  /** While the rows are read for the first time: the last seq. */
  filledTo?: number;
  /** While many changes are read: up to which snapshot, and the last of them. */
  until?: string;
  last?: { xact: string; seq: number };
}

/** A change; of a follow without any there is one row of nulls. */
export interface FeedRow {
  xact: string | null;
  seq: number | null;
}

/** What a copy follows. */
export type Followed = 'ENTRIES' | 'ALL_IMAGES' | { collectionId: string };

/** The state of the feed, which every follow reads beside the changes: in the same statement, and so in the same snapshot. */
export interface FeedState {
  database: string;
  snapshot: string;
  /** Whether changes may be missing that came after what has been seen. */
  trimmed: boolean;
}

export function readPosition(position: Position | null): FeedPosition | null {
  // Only writePosition makes positions.
  return position === null ? null : (JSON.parse(position) as FeedPosition);
}

export function writePosition(position: FeedPosition): Position {
  return JSON.stringify(position);
}

/**
 * The identity of the cluster, its timeline, which a promoted standby and a restore to a point in time count up, and that of
 * the table, which a restore into a database makes anew. Fails on a standby.
 */
const DATABASE = sql`(
  select concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), 'changes'::regclass::oid)
  from pg_control_system())`;

/** @param seen the snapshot to compare with the horizon of the trimming; null for none */
export function feedState(seen: string | null): RawBuilder<unknown> {
  return sql`state as materialized (
    select ${DATABASE} as database, pg_current_snapshot() as snapshot,
      coalesce(pg_snapshot_xmin(${seen}::pg_snapshot) <= (select max(horizon) from changes_trimmed), false) as trimmed)`;
}

/**
 * The changes in transactions that the first snapshot does not see and the second does, by transaction and seq. None when
 * the state says that they are not all there.
 *
 * @param followed entries, or the images of one collection or of all
 */
export function feedRows(
  followed: Followed,
  { seen, until, last }: FeedPosition,
  limit: number,
): RawBuilder<unknown> {
  const upTo = until === undefined ? sql`` : sql`and pg_visible_in_snapshot(xact, ${until}::pg_snapshot)`;
  const behind = last ? sql`and (xact, seq) > (${last.xact}::xid8, ${last.seq})` : sql``;
  return sql`noted as materialized (
    select xact, seq from changes
    where ${changesOf(followed)} and xact >= pg_snapshot_xmin(${seen}::pg_snapshot)
      and not pg_visible_in_snapshot(xact, ${seen}::pg_snapshot) ${upTo} ${behind}
    order by xact, seq limit ${limit})`;
}

function changesOf(followed: Followed): RawBuilder<unknown> {
  if (followed === 'ENTRIES') return sql`collection_id is null`;
  if (followed === 'ALL_IMAGES') return sql`collection_id is not null`;
  return sql`collection_id = ${followed.collectionId}`;
}

/** Whether what has been followed is of no use any more. */
export function isVoid(position: FeedPosition, state: FeedState): boolean {
  return position.database !== state.database || state.trimmed;
}

/**
 * The position after a follow. Behind a full batch there may be more up to the same snapshot, and when those are read, some
 * that came meanwhile.
 *
 * @param rows by transaction and seq
 */
export function nextPosition(
  { seen, until }: FeedPosition,
  { database, snapshot }: FeedState,
  rows: readonly FeedRow[],
  limit: number,
): { position: Position; more: boolean } {
  const end = until ?? snapshot;
  const last = rows.at(-1);
  if (last?.xact != null && last.seq !== null && rows.length === limit) {
    const { xact, seq } = last;
    return { position: writePosition({ database, seen, until: end, last: { xact, seq } }), more: true };
  }
  return { position: writePosition({ database, seen: end }), more: until !== undefined };
}

/** How long changes are listed: a copy that has not followed for longer begins anew. */
const KEPT_MS = 60 * 60_000;

/**
 * Forgets old changes. None that a transaction running now could make somebody miss: their copies would all begin anew,
 * again and again.
 */
export async function trimChanges(db: Db, keptMs = KEPT_MS): Promise<void> {
  await sql`
    with gone as (
      delete from changes
      where at < clock_timestamp() - ${keptMs} * interval '1 millisecond'
        and xact < pg_snapshot_xmin(pg_current_snapshot())
      returning xact),
    last as (select max(xact) as xact from gone)
    update changes_trimmed set horizon = greatest(horizon, last.xact) from last where last.xact is not null`.execute(
    db,
  );
}

/**
 * Forgets what a restore from another cluster brought along: its transactions have numbers that this one has not come to,
 * and would be news for ever.
 */
export async function dropForeignChanges(db: Db): Promise<void> {
  await sql`
    with gone as (delete from changes where xact >= pg_snapshot_xmax(pg_current_snapshot()))
    update changes_trimmed set horizon = '0' where horizon >= pg_snapshot_xmax(pg_current_snapshot())`.execute(
    db,
  );
}

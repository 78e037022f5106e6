import { sql } from 'kysely';
import { runTransaction } from './failures.js';
import type { Db } from './tables.js';

/** Figures of the database that all gateways share. */
export interface DatabaseFigures {
  /**
   * The age of the oldest transaction that runs, in seconds. Behind it, every search reads the changes since once more,
   * and no old row can be cleared away.
   */
  oldestTransactionSeconds: number;
  /** How many transactions behind the newest one the oldest running one is. */
  snapshotLag: number;
  /** Changes that are listed for those who follow them, by the database's estimate. */
  listedChanges: number;
}

export function readFigures(db: Db): Promise<DatabaseFigures> {
  return runTransaction(async () => {
    const { rows } = await sql<DatabaseFigures>`
      select
        coalesce(extract(epoch from clock_timestamp() - (
          select min(xact_start) from pg_stat_activity where backend_xid is not null or backend_xmin is not null
        )), 0)::float8 as "oldestTransactionSeconds",
        (pg_snapshot_xmax(snapshot)::text::bigint - pg_snapshot_xmin(snapshot)::text::bigint) as "snapshotLag",
        (select greatest(reltuples, 0)::float8 from pg_class where oid = 'changes'::regclass) as "listedChanges"
      from pg_current_snapshot() as snapshot`.execute(db);
    return rows[0]!;
  });
}

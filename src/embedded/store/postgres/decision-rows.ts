import { sql } from 'kysely';
import type { DecisionChange, DecisionRows } from '../decisions.js';
import { runTransaction } from './failures.js';
import type { Db } from './tables.js';

/** Decisions as a thread follows them. Their numbers become visible in order: whoever decides holds a lock. */
export class PostgresDecisionRows implements DecisionRows {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  changes(after: number, limit: number): Promise<{ changes: readonly DecisionChange[]; position: number }> {
    return runTransaction(async () => {
      const { rows } = await sql<DecisionChange & { change: number }>`
        select change, decision_id as "decisionId",
          case when undone_at is null then content_hashes else '[]' end as "contentHashes"
        from duplicate_decisions where change > ${after} order by change limit ${limit}`.execute(this.#db);
      const changes = rows.map(({ decisionId, contentHashes }) => ({ decisionId, contentHashes }));
      return { changes, position: rows.at(-1)?.change ?? after };
    });
  }

  contentHashes(seqs: readonly number[]): Promise<Map<number, string>> {
    return runTransaction(async () => {
      const { rows } = await sql<{ seq: number; contentHash: string }>`
        select seq, encode(content_hash, 'hex') as "contentHash" from entries
        where seq = any(${seqs}::bigint[])`.execute(this.#db);
      return new Map(rows.map(({ seq, contentHash }) => [seq, contentHash]));
    });
  }
}

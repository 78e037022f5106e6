import type Database from 'libsql';
import type { DecisionChange, DecisionRows } from '../decisions.js';
import { padded } from './read-by-keys.js';

const CHANGES = `
  select change, decision_id as decisionId, case when undone_at is null then content_hashes else '[]' end as hashes
  from duplicate_decisions where change > ? order by change limit ?`;
const MAX_SEQS = 1024;

/** Decisions as a thread follows them, on a connection of its own. */
export class SqliteDecisionRows implements DecisionRows {
  readonly #database: Database.Database;
  readonly #changes: Database.Statement;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#changes = database.prepare(CHANGES);
  }

  async changes(
    after: number,
    limit: number,
  ): Promise<{ changes: readonly DecisionChange[]; position: number }> {
    const rows = this.#changes.all(after, limit) as { change: number; decisionId: string; hashes: string }[];
    const changes = rows.map(({ decisionId, hashes }) => ({ decisionId, contentHashes: JSON.parse(hashes) }));
    return { changes, position: rows.at(-1)?.change ?? after };
  }

  async contentHashes(seqs: readonly number[]): Promise<Map<number, string>> {
    const found = new Map<number, string>();
    for (let start = 0; start < seqs.length; start += MAX_SEQS) {
      const some = padded(seqs.slice(start, start + MAX_SEQS));
      const marks = some.map(() => '?').join(', ');
      const rows = this.#database
        .prepare(`select seq, content_hash as contentHash from entries where seq in (${marks})`)
        .all(...some) as { seq: number; contentHash: string }[];
      for (const { seq, contentHash } of rows) found.set(seq, contentHash);
    }
    return found;
  }
}

import type Database from 'libsql';
import type { ProbeValues } from '../search/pigeonhole.js';
import type { Candidate, ProbeSource } from '../search/similar-hashes.js';
import type { OnSql } from './sql-report.js';

const ofChunk = (chunk: number) =>
  `select seq, hash0, hash1, hash2, hash3 from entries where hash${chunk} in (select value from json_each(?))`;

/** One row of JSON, because rows cost more to hand over to JavaScript than to find. */
const CANDIDATES = `
  select json_group_array(json_array(seq, hash0, hash1, hash2, hash3)) as candidates
  from (${[0, 1, 2, 3].map(ofChunk).join(' union all ')} limit ?)`;

/** Probes the covering indexes of `entries`. */
export class SqliteProbes implements ProbeSource {
  readonly #statement: Database.Statement;
  readonly #onSql: OnSql | undefined;

  constructor(database: Database.Database, onSql?: OnSql) {
    this.#statement = database.prepare(CANDIDATES);
    this.#onSql = onSql;
  }

  candidates(values: ProbeValues, limit: number): readonly Candidate[] {
    const startedAt = performance.now();
    const [row] = this.#statement.all(...values.map((ofOneChunk) => JSON.stringify(ofOneChunk)), limit);
    this.#onSql?.({ kind: 'READ', durationMs: performance.now() - startedAt });
    return JSON.parse((row as { candidates: string }).candidates);
  }
}

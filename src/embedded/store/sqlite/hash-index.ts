import type Database from 'libsql';
import type { HashIndex, HashProbe, HashRow } from '../rows.js';
import type { OnSql } from '../sql-report.js';
import { type ProbeValues, probeValues } from './pigeonhole.js';

/** The entries with one of the values in a chunk. */
const selectByChunk = (chunk: number) =>
  `select seq, hash0, hash1, hash2, hash3 from entries where hash${chunk} in (select value from json_each(?))`;

/** One row of JSON, because rows cost more to hand over to JavaScript than to find. */
const CANDIDATES = `
  select json_group_array(json_array(seq, hash0, hash1, hash2, hash3)) as candidates
  from (${[0, 1, 2, 3].map(selectByChunk).join(' union all ')} limit ?)`;

/** Probes the covering indexes of `entries`. */
export class SqliteHashIndex implements HashIndex {
  readonly #statement: Database.Statement;
  readonly #onSql: OnSql | undefined;

  constructor(database: Database.Database, onSql?: OnSql) {
    this.#statement = database.prepare(CANDIDATES);
    this.#onSql = onSql;
  }

  candidates(probes: readonly HashProbe[], limit: number): readonly HashRow[] {
    const values = unionOf(probes.map(({ hash, radius }) => probeValues(hash, radius)));
    const startedAt = performance.now();
    const [row] = this.#statement.all(...values.map((ofOneChunk) => JSON.stringify(ofOneChunk)), limit);
    this.#onSql?.({ kind: 'READ', durationMs: performance.now() - startedAt });
    return JSON.parse((row as { candidates: string }).candidates);
  }
}

function unionOf(all: readonly ProbeValues[]): ProbeValues {
  if (all.length === 1) return all[0]!;
  const ofChunk = (chunk: 0 | 1 | 2 | 3) => [...new Set(all.flatMap((values) => values[chunk]))];
  return [ofChunk(0), ofChunk(1), ofChunk(2), ofChunk(3)];
}

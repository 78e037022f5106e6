import type Database from 'libsql';
import { chunkValues, halfValues } from '../pigeonhole.js';
import type { EntryHash, HashIndex, HashProbe } from '../rows.js';
import type { OnSql } from '../sql-report.js';

/** Beyond it a half has thousands of neighbours. */
const MAX_HALF_RADIUS = 5;
/** So many look-ups block for about as long as that of as many candidates. */
const MAX_HALVES = 2000;
/** Once chunks hit too much, so many searches go by halves at once: the next would most likely end like it. */
const HALVES_AFTER_EXCESS = 100;

/** The entries of bucket ?1 with one of the values ?2 to ?5 in a chunk. */
const selectByChunk = (chunk: number) =>
  `select seq, hash0, hash1, hash2, hash3 from entries indexed by entries_hash${chunk}
   where bucket = ?1 and hash${chunk} in (select value from json_each(?${chunk + 2}))`;

/** The entries of bucket ?1 with one of the values ?2 or ?3 in two chunks. */
const selectByHalf = (first: number, second: number) =>
  `select seq, hash0, hash1, hash2, hash3
   from json_each(?${first / 2 + 2}) as half cross join entries indexed by entries_hash${first}
   where bucket = ?1 and hash${first} = half.value >> 16 and hash${second} = half.value & 0xffff`;

/** One row of JSON, because rows cost more to hand over to JavaScript than to find. */
const candidatesOf = (selects: readonly string[]) => `
  select json_group_array(json_array(seq, hash0, hash1, hash2, hash3)) as candidates
  from (${selects.join(' union all ')} limit ?${selects.length + 2})`;

/**
 * Probes the covering indexes of `entries`: by chunks of 16 bits, which is quickest until a chunk's neighbours are so
 * many that halves are.
 */
export class SqliteHashIndex implements HashIndex {
  readonly #byChunks: Database.Statement;
  readonly #byHalves: Database.Statement;
  readonly #onSql: OnSql | undefined;
  #halvesAhead = 0;

  constructor(database: Database.Database, onSql?: OnSql) {
    this.#byChunks = database.prepare(candidatesOf([0, 1, 2, 3].map(selectByChunk)));
    this.#byHalves = database.prepare(candidatesOf([selectByHalf(0, 1), selectByHalf(2, 3)]));
    this.#onSql = onSql;
  }

  candidates(bucket: string, probes: readonly HashProbe[], limit: number): readonly EntryHash[] {
    if (probes.length === 0) return [];
    const halves = halvesOf(probes);
    if (halves && this.#halvesAhead > 0) {
      this.#halvesAhead--;
      return this.#read(this.#byHalves, bucket, halves, limit);
    }
    const chunks = unionOf(probes.map(({ hash, radius }) => chunkValues(hash, radius)));
    const found = this.#read(this.#byChunks, bucket, chunks, limit);
    if (found.length < limit || !halves) return found;
    this.#halvesAhead = HALVES_AFTER_EXCESS;
    return this.#read(this.#byHalves, bucket, halves, limit);
  }

  #read(
    statement: Database.Statement,
    bucket: string,
    values: readonly (readonly number[])[],
    limit: number,
  ): readonly EntryHash[] {
    const startedAt = performance.now();
    const [row] = statement.all(bucket, ...values.map((ofOnePart) => JSON.stringify(ofOnePart)), limit);
    this.#onSql?.({ kind: 'READ', durationMs: performance.now() - startedAt });
    return JSON.parse((row as { candidates: string }).candidates);
  }
}

/** Null when they are too many. */
function halvesOf(probes: readonly HashProbe[]): readonly (readonly number[])[] | null {
  if (probes.some(({ radius }) => radius > MAX_HALF_RADIUS)) return null;
  const halves = unionOf(probes.map(({ hash, radius }) => halfValues(hash, radius)));
  return halves.reduce((sum, { length }) => sum + length, 0) <= MAX_HALVES ? halves : null;
}

/** For each part the values of all probes, one at least, each once. */
function unionOf(all: readonly (readonly (readonly number[])[])[]): readonly (readonly number[])[] {
  if (all.length === 1) return all[0]!;
  return all[0]!.map((_, part) => [...new Set(all.flatMap((values) => values[part]!))]);
}

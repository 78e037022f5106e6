import { sql } from 'kysely';
import { halfValues } from '../pigeonhole.js';
import type { EntryHash, HashIndex, HashProbe } from '../rows.js';
import { tablesOf } from './bucket-tables.js';
import { runTransaction } from './failures.js';
import { toChunks } from './hashes.js';
import type { Db } from './tables.js';

/** Probes either half of the hashes. The work does not depend on how many entries there are, as so few share 32 bits. */
export class PostgresHashIndex implements HashIndex {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async candidates(
    bucket: string,
    probes: readonly HashProbe[],
    limit: number,
  ): Promise<readonly EntryHash[]> {
    const highs = new Set<number>();
    const lows = new Set<number>();
    for (const { hash, radius } of probes) {
      const [high, low] = halfValues(hash, radius);
      for (const half of high) highs.add(half | 0);
      for (const half of low) lows.add(half | 0);
    }
    const { entries, isIn } = tablesOf(bucket);
    const near = (half: 'hash_high' | 'hash_low') => sql`
      (select seq, hash_high, hash_low from ${entries} where ${isIn()} and ${sql.ref(half)} = half offset 0)`;
    // Without the offset the planner may read the whole table to join it.
    const { rows } = await runTransaction(() =>
      sql<{ seq: number; high: number; low: number }>`
        select seq, hash_high as high, hash_low as low from (
          select found.* from unnest(${[...highs]}::int[]) as probe (half),
            lateral ${near('hash_high')} as found
          union all
          select found.* from unnest(${[...lows]}::int[]) as probe (half),
            lateral ${near('hash_low')} as found
        ) as candidates limit ${limit}`.execute(this.#db),
    );
    return rows.map(({ seq, high, low }) => [seq, ...toChunks([high, low])]);
  }
}

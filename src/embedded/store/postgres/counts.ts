import { sql } from 'kysely';
import { textBehindPrefix } from '../../../services/compare-text.js';
import type { ClientCount, ClientQuery, EntryFilter } from '../../../services/entry-query.js';
import { isStorable } from '../../../services/storable-text.js';
import type { EntryCounts } from '../counts.js';
import { tablesOf } from './bucket-tables.js';
import { anyUrl, findsNothing, ofTimes, ofUrls, properties, where } from './entry-filter.js';
import { runTransaction } from './failures.js';
import type { Db } from './tables.js';

/** Counts of entries, each by one statement: the planner's statistics know which index selects the fewest. */
export class PostgresCounts implements EntryCounts {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async countEntries(bucket: string, filter: EntryFilter, signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted();
    if (findsNothing(filter)) return 0;
    const tables = tablesOf(bucket);
    const conditions = [
      tables.isIn(),
      ...ofTimes(filter),
      ...properties(filter).map(({ condition }) => condition),
      ...ofUrls(filter).map((condition) => anyUrl(tables, 'entries', condition)),
    ];
    const { rows } = await runTransaction(() =>
      sql<{ total: number }>`
        select count(*) as total from ${tables.entries} as entries ${where(conditions)}`.execute(this.#db),
    );
    return rows[0]!.total;
  }

  async listClients(
    bucket: string,
    { startsWith, limit }: ClientQuery,
    signal?: AbortSignal,
  ): Promise<ClientCount[]> {
    signal?.throwIfAborted();
    if (!isStorable(startsWith)) return [];
    const behind = textBehindPrefix(startsWith);
    const { entries, isIn } = tablesOf(bucket);
    const names = [
      isIn(),
      sql`client_name >= ${startsWith}`,
      ...(behind === null ? [] : [sql`client_name < ${behind}`]),
    ];
    const { rows } = await runTransaction(() =>
      sql<ClientCount>`
        select client_name as name, count(*) as "entryCount" from ${entries} ${where(names)}
        group by client_name order by "entryCount" desc, name limit ${limit}`.execute(this.#db),
    );
    return rows;
  }
}

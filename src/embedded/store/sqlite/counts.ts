import { setImmediate } from 'node:timers/promises';
import type Database from 'libsql';
import { textBehindPrefix } from '../../../services/compare-text.js';
import type { ClientCount, ClientQuery, EntryFilter } from '../../../services/entry-query.js';
import { allOf, creation, isIn, ofUrls, properties, toCondition } from './entry-filter.js';
import type { Condition } from './entry-order.js';
import { fewEntries } from './few-entries.js';

/** The work between two looks for an abort: tens of milliseconds. */
const SLICE_ENTRIES = 20_000;

/** How many entries of a bucket a filter selects: by an index where that tells all, else by those that can be among them. */
export async function countEntries(
  database: Database.Database,
  bucket: string,
  filter: EntryFilter,
  signal?: AbortSignal,
): Promise<number> {
  signal?.throwIfAborted();
  const ofEntry = (use: 'LOOKED_UP' | 'LOOKED_AT') => [...properties(filter, use), ...creation(filter, use)];
  const [only, ...others] = ofEntry('LOOKED_UP');
  const urls = ofUrls(filter);
  if (only?.index && only.anyOf.length === 1 && others.length === 0 && urls.length === 0)
    return count(database, only.index, [isIn(bucket), toCondition(only)]);
  const conditions = [...ofEntry('LOOKED_AT').map(toCondition), ...urls];
  if (conditions.length === 0) return count(database, 'entries_bucket', [isIn(bucket)]);
  const few = await fewEntries(database, bucket, filter, ofEntry('LOOKED_UP'), signal);
  return few
    ? count(database, 'entries_content', [few, isIn(bucket), ...conditions])
    : countSlices(database, bucket, conditions, signal);
}

/** Reads all entries of a bucket as they lie. */
async function countSlices(
  database: Database.Database,
  bucket: string,
  conditions: readonly Condition[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const sliceEnd = database.prepare(
    'select seq from entries indexed by entries_bucket where bucket = ? and seq > ? order by seq limit 1 offset ?',
  );
  let total = 0;
  for (let start = 0, end: number | undefined; ; start = end) {
    signal?.throwIfAborted();
    const [last] = sliceEnd.all(bucket, start, SLICE_ENTRIES - 1) as { seq: number }[];
    end = last?.seq;
    const slice = { sql: 'seq > ? and seq <= ?', values: [start, end ?? Number.MAX_SAFE_INTEGER] };
    total += count(database, 'entries_bucket', [isIn(bucket), slice, ...conditions]);
    if (end === undefined) return total;
    await setImmediate();
  }
}

/** The clients with the most entries first, then by name. */
export function listClients(
  database: Database.Database,
  bucket: string,
  { startsWith, limit }: ClientQuery,
): ClientCount[] {
  const behind = textBehindPrefix(startsWith);
  const { sql, values } = allOf([
    isIn(bucket),
    { sql: 'client_name >= ?', values: [startsWith] },
    ...(behind === null ? [] : [{ sql: 'client_name < ?', values: [behind] }]),
  ]);
  const rows = database
    .prepare(
      `select client_name as name, count(*) as entryCount from entries indexed by entries_client where ${sql}
       group by client_name order by entryCount desc, name limit ?`,
    )
    .all(...values, limit);
  return rows as ClientCount[];
}

function count(database: Database.Database, index: string, conditions: readonly Condition[]): number {
  const { sql, values } = allOf(conditions);
  const [row] = database
    .prepare(`select count(*) as total from entries indexed by ${index} where ${sql}`)
    .all(...values) as [{ total: number }];
  return row.total;
}

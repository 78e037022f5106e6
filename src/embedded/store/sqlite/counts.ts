import { setImmediate } from 'node:timers/promises';
import type Database from 'libsql';
import { textBehindPrefix } from '../../../services/compare-text.js';
import type { ClientCount, ClientQuery, EntryFilter } from '../../../services/imgcache.js';
import { allOf, creation, ofUrls, properties, toCondition } from './entry-filter.js';
import type { Condition } from './entry-order.js';
import { fewEntries } from './few-entries.js';

/** The work between two looks for an abort: tens of milliseconds. */
const SLICE_ENTRIES = 20_000;

/** How many entries a filter selects: by an index where that tells all, else by those that can be among them. */
export async function countEntries(
  database: Database.Database,
  filter: EntryFilter,
  signal?: AbortSignal,
): Promise<number> {
  signal?.throwIfAborted();
  const ofEntry = (use: 'LOOKED_UP' | 'LOOKED_AT') => [...properties(filter, use), ...creation(filter, use)];
  const [only, ...others] = ofEntry('LOOKED_UP');
  const urls = ofUrls(filter);
  if (only?.index && only.anyOf.length === 1 && others.length === 0 && urls.length === 0)
    return count(database, `entries indexed by ${only.index}`, [toCondition(only)]);
  const conditions = [...ofEntry('LOOKED_AT').map(toCondition), ...urls];
  if (conditions.length === 0) return count(database, 'entries', []);
  const few = await fewEntries(database, filter, ofEntry('LOOKED_UP'), signal);
  return few ? count(database, 'entries', [few, ...conditions]) : countSlices(database, conditions, signal);
}

/** Reads all entries as they lie. */
async function countSlices(
  database: Database.Database,
  conditions: readonly Condition[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const [{ last }] = database.prepare('select max(seq) as last from entries').all() as [
    { last: number | null },
  ];
  let total = 0;
  for (let start = 0; start < (last ?? 0); start += SLICE_ENTRIES) {
    signal?.throwIfAborted();
    const slice = { sql: 'seq > ? and seq <= ?', values: [start, start + SLICE_ENTRIES] };
    total += count(database, 'entries', [slice, ...conditions]);
    await setImmediate();
  }
  return total;
}

/** The clients with the most entries first, then by name. */
export function listClients(database: Database.Database, { startsWith, limit }: ClientQuery): ClientCount[] {
  const behind = textBehindPrefix(startsWith);
  const { sql, values } = allOf([
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

function count(database: Database.Database, from: string, conditions: readonly Condition[]): number {
  const { sql, values } = allOf(conditions);
  const where = conditions.length === 0 ? '' : `where ${sql}`;
  const [row] = database.prepare(`select count(*) as total from ${from} ${where}`).all(...values) as [
    { total: number },
  ];
  return row.total;
}

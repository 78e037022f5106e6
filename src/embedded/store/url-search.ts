import { setImmediate } from 'node:timers/promises';
import type Database from 'libsql';
import type { EntryFilter, EntryPosition, EntryQuery } from '../../services/imgcache/api.js';

/** How many entries are looked at at once: some 10 ms of work, between which aborts get their turn. */
const SLICE_ENTRIES = 4000;

interface Condition {
  sql: string;
  values: readonly string[];
}

/** An order of the index `entries_created`, forwards or backwards. */
interface Order {
  sql: string;
  after: (place: EntryPosition) => Condition;
  upTo: (place: EntryPosition) => Condition;
}

const ORDERS: Record<EntryQuery['order'], Order> = {
  NEWEST_FIRST: {
    sql: 'created_at desc, content_hash asc',
    after: (place) => compared('created_at <= ? and (created_at < ? or content_hash > ?)', place),
    upTo: (place) => compared('created_at >= ? and (created_at > ? or content_hash <= ?)', place),
  },
  OLDEST_FIRST: {
    sql: 'created_at asc, content_hash desc',
    after: (place) => compared('created_at >= ? and (created_at > ? or content_hash < ?)', place),
    upTo: (place) => compared('created_at <= ? and (created_at < ? or content_hash >= ?)', place),
  },
};

/**
 * The places of the entries that the query finds, in its order. It walks the order slice by slice, so that a rare
 * match among very many entries can be aborted and no statement runs long.
 */
export async function searchUrls(
  database: Database.Database,
  { filter = {}, order, after, limit = Number.MAX_SAFE_INTEGER }: EntryQuery,
  signal: AbortSignal,
): Promise<EntryPosition[]> {
  const found: EntryPosition[] = [];
  const walk = ORDERS[order];
  let start = after;
  while (found.length < limit) {
    signal.throwIfAborted();
    const range = [...createdRange(filter), ...(start ? [walk.after(start)] : [])];
    const [end] = places(database, range, walk, 1, SLICE_ENTRIES - 1);
    const slice = [...range, ...(end ? [walk.upTo(end)] : []), ...properties(filter)];
    found.push(...places(database, slice, walk, Math.min(limit - found.length, SLICE_ENTRIES)));
    if (!end) break;
    start = end;
    await setImmediate();
  }
  return found;
}

function createdRange({ createdFrom, createdBefore }: EntryFilter): Condition[] {
  return [
    ...(createdFrom === undefined ? [] : [{ sql: 'created_at >= ?', values: [createdFrom] }]),
    ...(createdBefore === undefined ? [] : [{ sql: 'created_at < ?', values: [createdBefore] }]),
  ];
}

/** SQLite's lower() knows the ASCII letters only, as is wanted. */
function properties({ urlContains, clientName, contentType }: EntryFilter): Condition[] {
  const conditions: Condition[] = [];
  if (clientName !== undefined) conditions.push({ sql: 'client_name = ?', values: [clientName] });
  if (contentType !== undefined) conditions.push({ sql: 'content_type = ?', values: [contentType] });
  if (urlContains !== undefined) {
    conditions.push({
      sql: `exists (select 1 from entry_urls where entry_urls.content_hash = entries.content_hash
                    and instr(lower(entry_urls.url), lower(?)) > 0)`,
      values: [urlContains],
    });
  }
  return conditions;
}

function compared(sql: string, { createdAt, contentHash }: EntryPosition): Condition {
  return { sql, values: [createdAt, createdAt, contentHash] };
}

function places(
  database: Database.Database,
  conditions: readonly Condition[],
  order: Order,
  limit: number,
  offset = 0,
): EntryPosition[] {
  const where = ['true', ...conditions.map(({ sql }) => `(${sql})`)].join(' and ');
  const rows = database
    .prepare(
      `select created_at as createdAt, content_hash as contentHash from entries
       where ${where} order by ${order.sql} limit ? offset ?`,
    )
    .all(...conditions.flatMap(({ values }) => values), limit, offset);
  return rows as EntryPosition[];
}

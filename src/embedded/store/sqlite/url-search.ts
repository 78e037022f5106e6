import { setImmediate } from 'node:timers/promises';
import type Database from 'libsql';
import type { EntryFilter, EntryPosition, EntryQuery } from '../../../services/imgcache.js';
import { trigramQuery } from './url-trigrams.js';

// The work between two looks for an abort: tens of milliseconds.
const SLICE_ENTRIES = 2000;
const SLICE_URLS = 20_000;
const SLICE_INDEXED_URLS = 100_000;
/** A substring that fills the limit within these many slices is common, and the walk ends soon. */
const SLICES_WALKED_FIRST = 4;
/** Above it, looking up each match costs more than walking on. */
const MAX_RARE_MATCHES = 10_000;

interface Condition {
  sql: string;
  values: readonly string[];
}

/** The index `entries_created`, forwards or backwards. */
interface Order {
  sql: string;
  /** Whether the first place comes behind the second. */
  isBehind: (place: EntryPosition, other: EntryPosition) => boolean;
  behind: (place: EntryPosition) => Condition;
  upTo: (place: EntryPosition) => Condition;
  /** The times of the filter as positions: matches lie behind the start, up to the end. */
  ends: (filter: EntryFilter) => { start: EntryPosition | undefined; end: EntryPosition | undefined };
}

const ORDERS: Record<EntryQuery['order'], Order> = {
  NEWEST_FIRST: {
    sql: 'created_at desc, content_hash asc',
    isBehind: isOlder,
    behind: (place) => compared('created_at <= ? and (created_at < ? or content_hash > ?)', place),
    upTo: (place) => compared('created_at >= ? and (created_at > ? or content_hash <= ?)', place),
    ends: ({ createdFrom, createdBefore }) => ({ start: lastAt(createdBefore), end: lastAt(createdFrom) }),
  },
  OLDEST_FIRST: {
    sql: 'created_at asc, content_hash desc',
    isBehind: (place, other) => isOlder(other, place),
    behind: (place) => compared('created_at >= ? and (created_at > ? or content_hash < ?)', place),
    upTo: (place) => compared('created_at <= ? and (created_at < ? or content_hash >= ?)', place),
    ends: ({ createdFrom, createdBefore }) => ({ start: lastAt(createdFrom), end: lastAt(createdBefore) }),
  },
};

/** The connection and order of one search, for the statements below. */
interface Search {
  database: Database.Database;
  order: Order;
  signal: AbortSignal | undefined;
}

/**
 * The places of the entries that the query finds, in its order.
 *
 * It walks the order slice by slice, which is quick when matches are common. Each step looks up the URLs of an entry
 * somewhere in the file, so when matches prove rare it finds all of them instead, by their trigrams or else by reading all
 * URLs as they lie, and sorts.
 */
export async function searchUrls(
  database: Database.Database,
  { filter = {}, order, after, limit = Number.MAX_SAFE_INTEGER }: EntryQuery,
  signal?: AbortSignal,
): Promise<EntryPosition[]> {
  const search: Search = { database, order: ORDERS[order], signal };
  const ends = search.order.ends(filter);
  const found: EntryPosition[] = [];
  let start =
    after && ends.start && search.order.isBehind(ends.start, after) ? ends.start : (after ?? ends.start);
  for (let slice = 1; found.length < limit; slice++) {
    signal?.throwIfAborted();
    const [sliceEnd] = places(search, range(search.order, start, ends.end), 1, SLICE_ENTRIES - 1);
    const conditions = [...range(search.order, start, sliceEnd ?? ends.end), ...properties(filter)];
    found.push(...places(search, [...conditions, ...hasUrl(filter)], limit - found.length));
    if (!sliceEnd) break;
    start = sliceEnd;
    await setImmediate();
    if (found.length >= limit) break;
    if (slice === SLICES_WALKED_FIRST && filter.urlContains !== undefined) {
      const rest = [...range(search.order, start, ends.end), ...properties(filter)];
      const rare = await rareMatches(search, filter.urlContains, rest);
      if (rare) return [...found, ...rare].slice(0, limit);
    }
  }
  return found;
}

/** All that the URLs and the conditions match, in order. Null when the URLs of too many entries match. */
async function rareMatches(
  search: Search,
  urlContains: string,
  conditions: readonly Condition[],
): Promise<EntryPosition[] | null> {
  const { matching, sliceUrls } = matchingUrls(search.database, urlContains);
  const [{ last }] = search.database.prepare('select max(seq) as last from entry_urls').all() as [
    { last: number | null },
  ];
  const hashes = new Set<string>();
  for (let start = 0; start < (last ?? 0); start += sliceUrls) {
    search.signal?.throwIfAborted();
    for (const { contentHash } of matching(start, start + sliceUrls)) hashes.add(contentHash);
    if (hashes.size > MAX_RARE_MATCHES) return null;
    await setImmediate();
  }
  const isOneOfThem = {
    sql: 'content_hash in (select value from json_each(?))',
    values: [JSON.stringify([...hashes])],
  };
  return places(search, [isOneOfThem, ...conditions], MAX_RARE_MATCHES);
}

/** The URLs with the text behind one seq and up to another: by their trigrams, or, where it has none, of all. */
function matchingUrls(database: Database.Database, urlContains: string) {
  const trigrams = trigramQuery(urlContains);
  const from =
    trigrams === null
      ? 'entry_urls where'
      : `url_trigrams cross join entry_urls on entry_urls.seq = url_trigrams.rowid
         where url_trigrams match lower(?) and`;
  const seq = trigrams === null ? 'entry_urls.seq' : 'url_trigrams.rowid';
  const statement = database.prepare(
    `select distinct content_hash as contentHash from ${from} ${seq} > ? and ${seq} <= ?
     and instr(lower(entry_urls.url), lower(?)) > 0 limit ${MAX_RARE_MATCHES + 1}`,
  );
  const match = trigrams === null ? [] : [trigrams];
  return {
    sliceUrls: trigrams === null ? SLICE_URLS : SLICE_INDEXED_URLS,
    matching: (start: number, end: number) =>
      statement.all(...match, start, end, urlContains) as { contentHash: string }[],
  };
}

/**
 * One bound on either side and never two: of several on the same side SQLite may seek by the wrong one, and then each
 * slice walks the whole order again.
 */
function range(order: Order, start: EntryPosition | undefined, end: EntryPosition | undefined): Condition[] {
  return [...(start ? [order.behind(start)] : []), ...(end ? [order.upTo(end)] : [])];
}

function isOlder(place: EntryPosition, other: EntryPosition): boolean {
  if (place.createdAt !== other.createdAt) return place.createdAt < other.createdAt;
  return place.contentHash > other.contentHash;
}

/** A place of that time with a content hash that sorts behind all there are. */
function lastAt(createdAt: string | undefined): EntryPosition | undefined {
  return createdAt === undefined ? undefined : { createdAt, contentHash: '~' };
}

function properties({ clientName, contentType }: EntryFilter): Condition[] {
  return [...when('client_name = ?', clientName), ...when('content_type = ?', contentType)];
}

/** SQLite's lower() knows the ASCII letters only, as is wanted. */
function hasUrl({ urlContains }: EntryFilter): Condition[] {
  return when(
    `exists (select 1 from entry_urls where entry_urls.content_hash = entries.content_hash
             and instr(lower(entry_urls.url), lower(?)) > 0)`,
    urlContains,
  );
}

function when(sql: string, value: string | undefined): Condition[] {
  return value === undefined ? [] : [{ sql, values: [value] }];
}

function compared(sql: string, { createdAt, contentHash }: EntryPosition): Condition {
  return { sql, values: [createdAt, createdAt, contentHash] };
}

function places(
  { database, order }: Search,
  conditions: readonly Condition[],
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

import { sql } from 'kysely';
import type { EntryOrder, EntryPosition } from '../../../services/entry-order.js';
import type { EntryFilter, EntryQuery } from '../../../services/entry-query.js';
import type { UrlSearch } from '../url-search.js';
import { type BucketTables, tablesOf } from './bucket-tables.js';
import { anyUrl, type Condition, findsNothing, ofTimes, ofUrls, properties, where } from './entry-filter.js';
import { behind, inFrontOf, inOrder, placeColumns, sortColumn, toPosition } from './entry-order.js';
import { runTransaction } from './failures.js';
import type { Db } from './tables.js';

// The work between two looks for an abort: tens of milliseconds.
const SLICE_ENTRIES = 2000;
const SLICE_URLS = 50_000;
/** A filter that fills the limit within these many slices is met often, and the walk ends soon. */
const SLICES_WALKED_FIRST = 2;
/** Above it, looking up each match costs more than walking on. */
const MAX_FEW = 10_000;
/** With fewer characters there is no trigram, and all URLs are read. */
const TRIGRAM = 3;

/** The row of a slice: a match, or the last entry of a full slice, behind which there may be more. */
type Found = EntryPosition & { isEnd: boolean };

/** What one search looks for, and where: for the statements below. */
interface Search {
  tables: BucketTables;
  filter: EntryFilter;
  order: EntryOrder;
}

/**
 * The search for the entries of a bucket by a filter, in their order.
 *
 * It walks the order slice by slice, which is quick when matches are common. When they prove rare, it has all found that
 * meet one of the conditions, and sorts them. The planner would choose by its statistics, which know nothing of substrings.
 */
export class PostgresUrlSearch implements UrlSearch {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async searchUrls(bucket: string, query: EntryQuery, signal?: AbortSignal): Promise<EntryPosition[]> {
    const { filter = {}, order, before, limit = Number.POSITIVE_INFINITY } = query;
    if (findsNothing(filter)) return [];
    const search: Search = { tables: tablesOf(bucket), filter, order };
    const bounds = [...ofTimes(filter), ...(before ? [inFrontOf(order, before)] : [])];
    const found: EntryPosition[] = [];
    let { after } = query;
    for (let slice = 1; found.length < limit; slice++) {
      signal?.throwIfAborted();
      const range = after ? [...bounds, behind(order, after)] : bounds;
      const { places, end } = await this.#slice(search, range, limit - found.length);
      found.push(...places);
      if (!end) break;
      after = end;
      if (slice !== SLICES_WALKED_FIRST) continue;
      const few = await this.#few(search, signal);
      if (!few) continue;
      const rest = await this.#among(search, few, [...bounds, behind(order, end)]);
      return [...found, ...rest].slice(0, limit);
    }
    return found;
  }

  async #slice(
    { tables, filter, order }: Search,
    conditions: readonly Condition[],
    limit: number,
  ): Promise<{ places: EntryPosition[]; end: EntryPosition | undefined }> {
    // Of what is found within a slice no more is asked for than the slice can have.
    const wanted = Math.min(limit, SLICE_ENTRIES);
    const matching = [
      ...properties(filter).map(({ condition }) => condition),
      ...ofUrls(filter).map((condition) => anyUrl(tables, 'slice', condition)),
    ];
    const sorted = sql.ref(sortColumn(order));
    const { rows } = await runTransaction(() =>
      sql<Found>`
        with slice as materialized (
          select created_at, file_size_bytes, content_hash, client_name, content_type, width, height, hash_high, prefix
          from ${tables.entries} ${where([tables.isIn(), ...conditions])} order by ${inOrder(order)} limit ${SLICE_ENTRIES}),
        matches as (
          select ${sorted}, content_hash from slice ${where(matching)} order by ${inOrder(order)} limit ${wanted}),
        last as (select ${sorted}, content_hash from slice order by ${inOrder(order)} offset ${SLICE_ENTRIES - 1})
        select ${placeColumns(order)}, is_end as "isEnd" from (
          select *, false as is_end from matches union all select *, true from last
        ) as found order by is_end, ${inOrder(order)}`.execute(this.#db),
    );
    const ends = rows.filter(({ isEnd }) => isEnd);
    return {
      places: rows.filter(({ isEnd }) => !isEnd).map((row) => toPosition(order, row)),
      end: ends[0] && toPosition(order, ends[0]),
    };
  }

  /** All of a few entries that meet the conditions and the filter, in order. */
  async #among(
    { tables, filter, order }: Search,
    hashes: readonly Buffer[],
    conditions: readonly Condition[],
  ): Promise<EntryPosition[]> {
    const all = [
      tables.isIn(),
      sql`content_hash = any(${hashes}::bytea[])`,
      ...conditions,
      ...properties(filter).map(({ condition }) => condition),
      ...ofUrls(filter).map((condition) => anyUrl(tables, 'entries', condition)),
    ];
    const { rows } = await runTransaction(() =>
      sql<EntryPosition>`
        select ${placeColumns(order)} from entries ${where(all)} order by ${inOrder(order)}`.execute(
        this.#db,
      ),
    );
    return rows;
  }

  /** Few entries that all matches are among, as one of the conditions selects them; null where many meet each. */
  async #few({ tables, filter }: Search, signal: AbortSignal | undefined): Promise<readonly Buffer[] | null> {
    const entries = (condition: Condition) => sql`${tables.entries} ${where([tables.isIn(), condition])}`;
    const ofBucket = (conditions: readonly Condition[]) =>
      sql`${tables.urls} as entry_urls ${where([tables.isIn(), ...conditions])}`;
    const indexed = properties(filter).filter(({ isIndexed }) => isIndexed);
    const { urlContains, ...others } = filter;
    const queries = [
      ...indexed.map(({ condition }) => sql`select content_hash from ${entries(condition)}`),
      ...ofUrls(others).map((condition) => sql`select content_hash from ${ofBucket([condition])}`),
    ];
    for (const query of queries) {
      signal?.throwIfAborted();
      const hashes = await this.#hashes(query);
      if (hashes.length <= MAX_FEW) return hashes;
    }
    if (urlContains === undefined) return null;
    const urls = ofBucket(ofUrls({ urlContains }));
    const hashes =
      urlContains.length < TRIGRAM
        ? await this.#hashesWithin(tables, urls, signal)
        : await this.#hashes(sql`select content_hash from ${urls}`);
    return hashes.length <= MAX_FEW ? hashes : null;
  }

  /** Those of all URLs, read as they lie, slice by slice. */
  async #hashesWithin(
    tables: BucketTables,
    urls: Condition,
    signal: AbortSignal | undefined,
  ): Promise<Buffer[]> {
    const hashes: Buffer[] = [];
    const { rows } = await runTransaction(() =>
      sql<{ last: number | null }>`select max(seq) as last from ${tables.urls}`.execute(this.#db),
    );
    const last = rows[0]!.last ?? 0;
    for (let seq = 0; seq < last && hashes.length <= MAX_FEW; seq += SLICE_URLS) {
      signal?.throwIfAborted();
      const range = sql`seq > ${seq} and seq <= ${seq + SLICE_URLS}`;
      hashes.push(...(await this.#hashes(sql`select content_hash from ${urls} and ${range}`)));
    }
    return hashes;
  }

  /** Not many more than may be used. */
  async #hashes(query: Condition): Promise<Buffer[]> {
    const { rows } = await runTransaction(() =>
      sql<{ content_hash: Buffer }>`${query} limit ${MAX_FEW + 1}`.execute(this.#db),
    );
    return rows.map(({ content_hash }) => content_hash);
  }
}

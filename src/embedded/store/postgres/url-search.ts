import { type RawBuilder, sql } from 'kysely';
import type { EntryFilter, EntryPosition, EntryQuery } from '../../../services/imgcache.js';
import { isStorable } from '../../../services/storable-text.js';
import type { UrlSearch } from '../url-search.js';
import { behind, inOrder } from './entries.js';
import { runTransaction } from './failures.js';
import type { Db } from './tables.js';

// The work between two looks for an abort: tens of milliseconds.
const SLICE_ENTRIES = 2000;
const SLICE_URLS = 50_000;
/** A substring that fills the limit within these many slices is common, and the walk ends soon. */
const SLICES_WALKED_FIRST = 2;
/** Above it, looking up each match costs more than walking on. */
const MAX_RARE_MATCHES = 10_000;
/** With fewer characters there is no trigram, and all URLs are read. */
const TRIGRAM = 3;

/** The row of a slice: a match, or the last entry of a full slice, behind which there may be more. */
interface Found extends EntryPosition {
  isEnd: boolean;
}

/**
 * The search of URLs for a substring, in the order of the entries.
 *
 * It walks the order slice by slice, which is quick when matches are common. When they prove rare, it has all of them found
 * by their trigrams and sorts them. The planner would choose by its statistics, which know nothing of substrings.
 */
export class PostgresUrlSearch implements UrlSearch {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async searchUrls(query: EntryQuery, signal?: AbortSignal): Promise<EntryPosition[]> {
    const { filter = {}, order, limit = Number.POSITIVE_INFINITY } = query;
    // No row has such a text, and the database would refuse it, or find another one.
    if (Object.values(filter).some((value) => value !== undefined && !isStorable(value))) return [];
    const times = ofTimes(filter);
    const found: EntryPosition[] = [];
    let { after } = query;
    for (let slice = 1; found.length < limit; slice++) {
      signal?.throwIfAborted();
      const range = after ? [...times, behind(order, after)] : times;
      const { places, end } = await this.#slice(range, filter, order, limit - found.length);
      found.push(...places);
      if (!end) break;
      after = end;
      if (slice !== SLICES_WALKED_FIRST || filter.urlContains === undefined) continue;
      const rest = [...times, behind(order, end), ...ofProperties(filter)];
      const rare = await this.#rareMatches(rest, filter.urlContains, order, signal);
      if (rare) return [...found, ...rare].slice(0, limit);
    }
    return found;
  }

  async #slice(
    conditions: readonly RawBuilder<unknown>[],
    filter: EntryFilter,
    order: EntryQuery['order'],
    limit: number,
  ): Promise<{ places: EntryPosition[]; end: EntryPosition | undefined }> {
    // Of what is found within a slice no more is asked for than the slice can have.
    const wanted = Math.min(limit, SLICE_ENTRIES);
    const { rows } = await runTransaction(() =>
      sql<Found>`
        with slice as materialized (
          select created_at, content_hash, client_name, content_type from entries
          ${where(conditions)} order by ${inOrder(order)} limit ${SLICE_ENTRIES}),
        matches as (
          select created_at, content_hash from slice
          ${where([...ofProperties(filter), ...ofUrls(filter)])} order by ${inOrder(order)} limit ${wanted}),
        last as (select created_at, content_hash from slice order by ${inOrder(order)} offset ${SLICE_ENTRIES - 1})
        select created_at as "createdAt", encode(content_hash, 'hex') as "contentHash", is_end as "isEnd" from (
          select *, false as is_end from matches union all select *, true from last
        ) as found order by is_end, ${inOrder(order)}`.execute(this.#db),
    );
    const ends = rows.filter(({ isEnd }) => isEnd);
    return {
      places: rows.filter(({ isEnd }) => !isEnd).map(toPosition),
      end: ends[0] && toPosition(ends[0]),
    };
  }

  /** All that the URLs and the conditions match, in order. Null when too many URLs match. */
  async #rareMatches(
    conditions: readonly RawBuilder<unknown>[],
    urlContains: string,
    order: EntryQuery['order'],
    signal: AbortSignal | undefined,
  ): Promise<EntryPosition[] | null> {
    const urls = sql`entry_urls where ${contains(urlContains)}`;
    const hashes =
      urlContains.length < TRIGRAM
        ? await this.#hashesWithin(urls, signal)
        : await this.#hashes(sql`select content_hash from ${urls}`);
    if (hashes.length > MAX_RARE_MATCHES) return null;
    const isOneOfThem = sql`content_hash = any(${hashes}::bytea[])`;
    const { rows } = await runTransaction(() =>
      sql<EntryPosition>`
        select created_at as "createdAt", encode(content_hash, 'hex') as "contentHash" from entries
        ${where([...conditions, isOneOfThem])} order by ${inOrder(order)}`.execute(this.#db),
    );
    return rows;
  }

  /** Those of all URLs, read as they lie, slice by slice. */
  async #hashesWithin(urls: RawBuilder<unknown>, signal: AbortSignal | undefined): Promise<Buffer[]> {
    const hashes: Buffer[] = [];
    const { last } = await runTransaction(() =>
      this.#db
        .selectFrom('entry_urls')
        .select(({ fn }) => fn.max('seq').as('last'))
        .executeTakeFirstOrThrow(),
    );
    for (let seq = 0; seq < (last ?? 0) && hashes.length <= MAX_RARE_MATCHES; seq += SLICE_URLS) {
      signal?.throwIfAborted();
      const range = sql`seq > ${seq} and seq <= ${seq + SLICE_URLS}`;
      hashes.push(...(await this.#hashes(sql`select content_hash from ${urls} and ${range}`)));
    }
    return hashes;
  }

  /** Not many more than may be used. */
  async #hashes(query: RawBuilder<unknown>): Promise<Buffer[]> {
    const { rows } = await runTransaction(() =>
      sql<{ content_hash: Buffer }>`${query} limit ${MAX_RARE_MATCHES + 1}`.execute(this.#db),
    );
    return rows.map(({ content_hash }) => content_hash);
  }
}

function where(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  const all = conditions.map((condition) => sql`(${condition})`);
  return all.length === 0 ? sql`where true` : sql`where ${sql.join(all, sql` and `)}`;
}

function ofTimes({ createdFrom, createdBefore }: EntryFilter): RawBuilder<unknown>[] {
  return [
    ...(createdFrom === undefined ? [] : [sql`created_at >= ${createdFrom}::timestamptz`]),
    ...(createdBefore === undefined ? [] : [sql`created_at < ${createdBefore}::timestamptz`]),
  ];
}

function ofProperties({ clientName, contentType }: EntryFilter): RawBuilder<unknown>[] {
  return [
    ...(clientName === undefined ? [] : [sql`client_name = ${clientName}`]),
    ...(contentType === undefined ? [] : [sql`content_type = ${contentType}`]),
  ];
}

function ofUrls({ urlContains }: EntryFilter): RawBuilder<unknown>[] {
  if (urlContains === undefined) return [];
  return [
    sql`exists (select from entry_urls
                where entry_urls.content_hash = slice.content_hash and ${contains(urlContains)})`,
  ];
}

/** By the expression of the index. The collation "C" knows the case of ASCII letters only, as is wanted. */
function contains(text: string): RawBuilder<unknown> {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`lower(entry_urls.url collate "C") like lower(${pattern}::text collate "C")`;
}

function toPosition({ createdAt, contentHash }: EntryPosition): EntryPosition {
  return { createdAt, contentHash };
}

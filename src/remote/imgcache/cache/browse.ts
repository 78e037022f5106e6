import type { CallSignal } from '../../../services/call-signal.js';
import type { Entry } from '../../../services/entry.js';
import { ENTRY_ORDERS } from '../../../services/entry-order.js';
import type { EntryFilter, EntryQuery } from '../../../services/entry-query.js';
import { ServiceError } from '../../../services/errors.js';
import type { Timestamp } from '../../../services/timestamp.js';
import type { DialectParts } from '../entry-lists.js';
import { applyQuery, matches } from '../entry-query.js';
import { get, supersetOf } from '../requests.js';
import { decodePage } from './entry-decoder.js';

/** The most entries that the service gives at a time. */
const MAX_PAGE = 200;
/** So many times it is asked for what it does not tell of a list as a whole: reading all of it could be more than it can bear. */
const MAX_PAGES = 10;

/** What is browsed: one bucket of a service, or all of them. */
export interface Browsed extends Pick<DialectParts, 'client' | 'reads'> {
  bucket: string | null;
}

/** Whether a query can be read part by part: in an order of times, by what the parts tell of entries. */
export function canBrowse({ order, filter = {} }: EntryQuery): boolean {
  return ENTRY_ORDERS[order].by === 'createdAt' && filter.hasPerceptualHash === undefined;
}

/**
 * Reads a list part by part, only as far as its reader goes; its entries are brief. A page begins at a time, from which
 * the cursors of the service lead on. The service gives entries of one time in the other order, so that all of them are
 * read before the first is given.
 */
export async function* browse(
  browsed: Browsed,
  { limit, ...query }: EntryQuery,
  signal: CallSignal | undefined,
): AsyncGenerator<Entry[]> {
  const parameters = parametersOf(browsed.bucket, query);
  parameters.set('limit', String(sizeOf({ ...query, ...(limit !== undefined && { limit }) })));
  let waiting: Entry[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { entries, nextCursor } = await readPart(browsed, parameters, cursor, signal);
    waiting.push(...entries);
    const open = nextCursor === null ? null : waiting.at(-1)?.createdAt;
    const whole = waiting.filter(({ createdAt }) => createdAt !== open);
    waiting = waiting.slice(whole.length);
    const selected = applyQuery(whole, query);
    if (selected.length > 0) yield selected;
    cursor = nextCursor;
  }
}

/**
 * All entries that a filter selects, brief and in no order; null where they are among more than 2000, which are not read. The filter
 * is one that can be browsed.
 */
export async function browseFew(
  browsed: Browsed,
  filter: EntryFilter,
  signal: CallSignal | undefined,
): Promise<Entry[] | null> {
  const parameters = parametersOf(browsed.bucket, { order: 'NEWEST_FIRST', filter });
  parameters.set('limit', String(MAX_PAGE));
  const found: Entry[] = [];
  let cursor = '';
  for (let page = 0; page < MAX_PAGES; page++) {
    const { entries, nextCursor } = await readPart(browsed, parameters, cursor, signal);
    found.push(...entries.filter((entry) => matches(entry, filter)));
    if (nextCursor === null) return found;
    cursor = nextCursor;
  }
  return null;
}

/** The failure for what only all entries would tell. */
export function tooManyEntries(): ServiceError {
  return new ServiceError('imgcache has too many entries for the gateway to count those of its clients.', {
    service: 'IMGCACHE',
    code: 'UNSUPPORTED',
    retryable: false,
  });
}

/** @param cursor empty for the first part */
function readPart(
  { client, reads }: Browsed,
  parameters: URLSearchParams,
  cursor: string,
  signal: CallSignal | undefined,
) {
  if (cursor !== '') parameters.set('cursor', cursor);
  const path = `/browse?${parameters}`;
  return reads.read(path, (shared) => client.json(get(path), decodePage, shared), signal);
}

/** A page is one part where the service selects as the filter does: one entry more shows that those of its last time are all there. */
function sizeOf({ limit = MAX_PAGE, after, filter = {} }: EntryQuery): number {
  if (selectsHere(filter)) return MAX_PAGE;
  return Math.min(limit + 1 + (after ? 1 : 0), MAX_PAGE);
}

/** Whether the service cannot select all that a filter does, so that a page may take many of its entries. */
function selectsHere({
  clientName,
  prefix,
  urlContains,
  createdFrom,
  createdBefore,
  ...others
}: EntryFilter): boolean {
  return urlContains !== undefined || Object.values(others).some((condition) => condition !== undefined);
}

/** The parameters for all that a query selects, and perhaps more. */
function parametersOf(
  bucket: string | null,
  { order, filter = {}, after, before }: Omit<EntryQuery, 'limit'>,
): URLSearchParams {
  const descending = order === 'NEWEST_FIRST';
  const [newest, oldest] = descending ? [after, before] : [before, after];
  const from = latest(filter.createdFrom, oldest?.createdAt);
  const to = earliest(filter.createdBefore, newest?.createdAt);
  const { prefix, urlContains = '', urlHost } = filter;
  const text = supersetOf(urlContains || (urlHost ?? ''));
  const client = filter.clientName ?? onlyOne(filter.clientNames);
  const parameters = new URLSearchParams({
    ...(bucket !== null && { bucket }),
    order: descending ? 'desc' : 'asc',
  });
  if (prefix !== undefined) parameters.set('prefix', prefix);
  if (client !== undefined) parameters.set('client_name', client);
  if (text !== '') parameters.set('q', text);
  // A Lookalike reads these, and the original does not.
  if (text !== urlContains) parameters.set('q_literally', urlContains);
  if (urlHost !== undefined) parameters.set('url_host', urlHost);
  if (from !== undefined) parameters.set('date_from', withoutZone(from));
  if (to !== undefined) parameters.set('date_to', withoutZone(to));
  return parameters;
}

function onlyOne(names: readonly string[] | undefined): string | undefined {
  return names?.length === 1 ? names[0] : undefined;
}

function latest(a: Timestamp | undefined, b: Timestamp | undefined): Timestamp | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

function earliest(a: Timestamp | undefined, b: Timestamp | undefined): Timestamp | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

/** The service compares times as they stand in its database, where they have no zone and are in UTC. */
function withoutZone(time: Timestamp): string {
  return time.replace('Z', '');
}

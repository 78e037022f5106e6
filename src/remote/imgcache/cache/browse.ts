import type { SharedReads } from '../../../request/shared-reads.js';
import type { CallSignal } from '../../../services/call-signal.js';
import { ENTRY_ORDERS } from '../../../services/entry-order.js';
import type { Entry, EntryFilter, EntryQuery } from '../../../services/imgcache.js';
import type { Timestamp } from '../../../services/timestamp.js';
import type { ServiceClient } from '../../http/client.js';
import { applyQuery } from '../entry-query.js';
import { get, supersetOf } from '../requests.js';
import { decodePage } from './entry-decoder.js';

/** The most entries that the service gives at a time. */
const MAX_PAGE = 200;

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
  client: ServiceClient,
  reads: SharedReads,
  bucket: string,
  { limit, ...query }: EntryQuery,
  signal: CallSignal | undefined,
): AsyncGenerator<Entry[]> {
  const parameters = parametersOf(bucket, query);
  parameters.set('limit', String(sizeOf({ ...query, ...(limit !== undefined && { limit }) })));
  let waiting: Entry[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    if (cursor !== '') parameters.set('cursor', cursor);
    const path = `/browse?${parameters}`;
    const { entries, nextCursor } = await reads.read(
      path,
      (shared) => client.json(get(path), decodePage, shared),
      signal,
    );
    waiting.push(...entries);
    const open = nextCursor === null ? null : waiting.at(-1)?.createdAt;
    const whole = waiting.filter(({ createdAt }) => createdAt !== open);
    waiting = waiting.slice(whole.length);
    const selected = applyQuery(whole, query);
    if (selected.length > 0) yield selected;
    cursor = nextCursor;
  }
}

/** A page is one part where the service selects as the filter does: one entry more shows that those of its last time are all there. */
function sizeOf({ limit = MAX_PAGE, after, filter = {} }: EntryQuery): number {
  if (selectsHere(filter)) return MAX_PAGE;
  return Math.min(limit + 1 + (after ? 1 : 0), MAX_PAGE);
}

/** Whether the service cannot select all that a filter does, so that a page may take many of its entries. */
function selectsHere({
  clientName,
  urlContains,
  createdFrom,
  createdBefore,
  ...others
}: EntryFilter): boolean {
  return urlContains !== undefined || Object.values(others).some((condition) => condition !== undefined);
}

/** The parameters for all that a query selects, and perhaps more. */
function parametersOf(
  bucket: string,
  { order, filter = {}, after, before }: Omit<EntryQuery, 'limit'>,
): URLSearchParams {
  const descending = order === 'NEWEST_FIRST';
  const [newest, oldest] = descending ? [after, before] : [before, after];
  const from = latest(filter.createdFrom, oldest?.createdAt);
  const to = earliest(filter.createdBefore, newest?.createdAt);
  const text = supersetOf(filter.urlContains || (filter.urlHost ?? ''));
  const client = filter.clientName ?? onlyOne(filter.clientNames);
  const parameters = new URLSearchParams({ bucket, order: descending ? 'desc' : 'asc' });
  if (client !== undefined) parameters.set('client_name', client);
  if (text !== '') parameters.set('q', text);
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

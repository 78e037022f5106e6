import { HttpError } from '../../../http/errors.js';
import type { EntryPosition } from '../../../services/entry-order.js';
import type { EntryFilter } from '../../../services/entry-query.js';
import { microsecondAfter } from '../../../services/timestamp.js';
import { QueryReader } from '../query-reader.js';
import { decodeCursor } from './cursor.js';

/** An entry by a URL it was stored under, if it is not older than some seconds; or by its hash. */
export type VersionQuery = { url: string; maxAge: number | undefined } | { version: string };

/** @throws HttpError 422 */
export function readVersionQuery(query: URLSearchParams): VersionQuery {
  const reader = new QueryReader(query);
  const url = reader.text('url');
  const maxAge = reader.integer('max_age');
  const version = reader.optional('version');
  reader.check();
  if (version === undefined) return { url, maxAge };
  if (maxAge !== undefined) throw new HttpError(422, 'max_age and version are mutually exclusive');
  return { version };
}

export interface BrowseQuery {
  filter: EntryFilter;
  order: 'asc' | 'desc';
  limit: number;
  after: EntryPosition | undefined;
}

/** How many entries are browsed at a time: at least, and at most. */
export const BROWSE_LIMITS = [1, 200] as const;
export const DEFAULT_BROWSE_LIMIT = 50;
export const BROWSE_ORDERS = ['desc', 'asc'] as const;

/**
 * A client that does not know whether the server takes `%`, `_` and the backslash for themselves sends a part of the text without
 * them, and the whole text beside it.
 * @throws HttpError 422
 */
export function readBrowseQuery(query: URLSearchParams): BrowseQuery {
  const reader = new QueryReader(query);
  const to = reader.time('date_to');
  const conditions = {
    prefix: reader.optional('prefix'),
    clientName: reader.optional('client_name'),
    createdFrom: reader.time('date_from'),
    // The original includes this time.
    createdBefore: to && microsecondAfter(to),
    urlContains: reader.optional(query.has('q_literally') ? 'q_literally' : 'q'),
    urlHost: reader.optional('url_host'),
  };
  const limit = reader.between('limit', BROWSE_LIMITS, DEFAULT_BROWSE_LIMIT);
  const order = reader.word('order', BROWSE_ORDERS);
  const cursor = reader.optional('cursor');
  reader.check();
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  if (after === null) throw new HttpError(422, 'Invalid cursor');
  const given = Object.entries(conditions).filter(([, condition]) => condition !== undefined);
  // Of the same keys, without those that are not given.
  return { filter: Object.fromEntries(given) as EntryFilter, limit, order, after };
}

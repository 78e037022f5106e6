import type { EntryPosition } from '../../services/entry-order.js';
import type { EntryQuery } from '../../services/entry-query.js';

/** The search for the entries of a bucket by a filter. */
export interface UrlSearch {
  /** The positions of the entries that the query finds, in its order. */
  searchUrls(bucket: string, query: EntryQuery, signal?: AbortSignal): Promise<EntryPosition[]>;
}

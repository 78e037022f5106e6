import type { EntryPosition, EntryQuery } from '../../services/imgcache.js';

/** The search for the entries of a bucket by a filter. */
export interface UrlSearch {
  /** The positions of the entries that the query finds, in its order. */
  searchUrls(bucket: string, query: EntryQuery, signal?: AbortSignal): Promise<EntryPosition[]>;
}

import type { EntryPosition, EntryQuery } from '../../services/imgcache.js';

/** The search for entries by what is in their URLs. */
export interface UrlSearch {
  /** The positions of the entries that the query finds, in its order. */
  searchUrls(query: EntryQuery, signal?: AbortSignal): Promise<EntryPosition[]>;
}

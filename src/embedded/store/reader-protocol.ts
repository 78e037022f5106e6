import type { EntryPosition, EntryQuery } from '../../services/imgcache.js';
import type { HashMatches, HashQuery } from '../search/hash-matches.js';

/** What the main thread may ask of the reader thread. */
export type ReaderCall =
  | { name: 'scanHashes'; queries: readonly HashQuery[] }
  | { name: 'searchUrls'; query: EntryQuery };

/** What each call is answered with. */
export interface ReaderAnswers {
  scanHashes: HashMatches[];
  searchUrls: EntryPosition[];
}

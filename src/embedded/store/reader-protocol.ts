import type { EntryPosition, EntryQuery } from '../../services/imgcache/api.js';
import type { HashChunks } from '../search/hamming.js';
import type { HashMatches } from '../search/hash-matches.js';

/** What the main thread may ask of the reader thread. */
export type ReaderCall =
  | { name: 'scanHashes'; query: HashChunks; radius: number }
  | { name: 'searchUrls'; query: EntryQuery };

/** What each call is answered with. */
export interface ReaderAnswers {
  scanHashes: HashMatches;
  searchUrls: EntryPosition[];
}

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

/** To the reader thread: a call, the end of one, or the end of all. What was ended gets no response. */
export type ReaderRequest = { id: number; call: ReaderCall } | { abort: number } | 'close';

/** From the reader thread. */
export type ReaderResponse =
  | { id: number; answer: ReaderAnswers[keyof ReaderAnswers] }
  | { id: number; error: string };

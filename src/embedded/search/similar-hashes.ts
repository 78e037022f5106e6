import type { HashIndex } from '../store/rows.js';
import { FewHashes } from './few-hashes.js';
import type { HashMatches, HashQuery } from './hash-matches.js';

/** The search that compares every hash of a bucket. */
export interface HashScan {
  scanHashes(bucket: string, queries: readonly HashQuery[], signal?: AbortSignal): Promise<HashMatches[]>;
}

/** Beyond it there are so many probes and candidates that the scan is faster even when all is in memory. */
const MAX_PROBE_RADIUS = 4;
/**
 * Bounds how long a probe may block. A chunk that very many pictures share, as flat ones do, exceeds it, and so does a
 * page of queries over many entries: comparing each with the candidates of all is dearer than their scan.
 */
const MAX_CANDIDATES = 1000;
/** After one that exceeded it, so many searches scan at once: the next probe would most likely end like it. */
const SCANS_AFTER_EXCESS = 100;

/** Exact search by Hamming distance: probes while they are few, else a scan. Both find the same entries. */
export class SimilarHashes {
  readonly #index: HashIndex;
  readonly #scan: HashScan;
  #scansAhead = 0;

  constructor(index: HashIndex, scan: HashScan) {
    this.#index = index;
    this.#scan = scan;
  }

  /** The matches of each of the queries in a bucket, by one probe for all of them or by one scan. */
  async search(bucket: string, queries: readonly HashQuery[], signal?: AbortSignal): Promise<HashMatches[]> {
    signal?.throwIfAborted();
    return (await this.#probe(bucket, queries)) ?? this.#scan.scanHashes(bucket, queries, signal);
  }

  /** Null when there are too many probes or candidates. */
  async #probe(bucket: string, queries: readonly HashQuery[]): Promise<HashMatches[] | null> {
    if (queries.some(({ radius }) => radius > MAX_PROBE_RADIUS)) return null;
    if (this.#scansAhead > 0) {
      this.#scansAhead--;
      return null;
    }
    const candidates = await this.#index.candidates(bucket, queries, MAX_CANDIDATES + 1);
    if (candidates.length > MAX_CANDIDATES) {
      this.#scansAhead = SCANS_AFTER_EXCESS;
      return null;
    }
    return new FewHashes(new Map(candidates.map(([seq, ...hash]) => [seq, hash]))).search(queries);
  }
}

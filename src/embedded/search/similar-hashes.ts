import { type HashChunks, hammingDistance } from '../../services/hamming-distance.js';
import type { HashIndex } from '../store/rows.js';
import { type HashMatches, type HashQuery, MatchCollector } from './hash-matches.js';

/** The search that compares every hash there is. */
export interface HashScan {
  scanHashes(queries: readonly HashQuery[], signal?: AbortSignal): Promise<HashMatches[]>;
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

  /** The matches of each of the queries, by one probe for all of them or by one scan. */
  async search(queries: readonly HashQuery[], signal?: AbortSignal): Promise<HashMatches[]> {
    signal?.throwIfAborted();
    return (await this.#probe(queries)) ?? this.#scan.scanHashes(queries, signal);
  }

  /** Null when there are too many probes or candidates. */
  async #probe(queries: readonly HashQuery[]): Promise<HashMatches[] | null> {
    if (queries.some(({ radius }) => radius > MAX_PROBE_RADIUS)) return null;
    if (this.#scansAhead > 0) {
      this.#scansAhead--;
      return null;
    }
    const candidates = await this.#index.candidates(queries, MAX_CANDIDATES + 1);
    if (candidates.length > MAX_CANDIDATES) {
      this.#scansAhead = SCANS_AFTER_EXCESS;
      return null;
    }
    const hashes = new Map(candidates.map(([seq, ...hash]) => [seq, hash]));
    const bySeq = [...hashes].sort(([a], [b]) => a - b);
    return queries.map((query) => matchesAmong(bySeq, query));
  }
}

function matchesAmong(
  bySeq: readonly (readonly [seq: number, hash: HashChunks])[],
  query: HashQuery,
): HashMatches {
  const found = new MatchCollector(query);
  for (const [seq, hash] of bySeq) found.add(seq, hammingDistance(query.hash, hash));
  return found.nearestFirst();
}

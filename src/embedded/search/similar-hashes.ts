import { type HashChunks, hammingDistance } from './hamming.js';
import { type HashMatches, MatchCollector } from './hash-matches.js';
import { type ProbeValues, probeValues } from './pigeonhole.js';

export type Candidate = readonly [seq: number, ...hash: HashChunks];

/** The keyed look-up in the database's indexes of chunks. */
export interface ProbeSource {
  /**
   * Entries with one of the values in the chunk that the values are for. An entry may come once for each of its
   * chunks. Never more than the limit.
   */
  candidates(values: ProbeValues, limit: number): readonly Candidate[] | Promise<readonly Candidate[]>;
}

/** The search that compares every hash there is. */
export interface HashScan {
  scanHashes(query: HashChunks, radius: number, signal?: AbortSignal): Promise<HashMatches>;
}

/** Beyond it there are so many probes and candidates that the scan is faster even when all is in memory. */
const MAX_PROBE_RADIUS = 4;
/** Bounds how long a probe may block; a chunk that very many pictures share, as flat ones do, exceeds it. */
const MAX_CANDIDATES = 1000;

/** After one that exceeded it, so many searches scan at once: the next probe would most likely end like it. */
const SCANS_AFTER_EXCESS = 100;

/** Exact search by Hamming distance: probes while they are few, else a scan. Both find the same entries. */
export class SimilarHashes {
  readonly #probes: ProbeSource;
  readonly #scan: HashScan;
  #scansAhead = 0;

  constructor(probes: ProbeSource, scan: HashScan) {
    this.#probes = probes;
    this.#scan = scan;
  }

  /**
   * Every entry within the radius, nearest first, then the oldest.
   * @param radius the greatest Hamming distance, 0 to 64
   */
  async search(query: HashChunks, radius: number, signal?: AbortSignal): Promise<HashMatches> {
    signal?.throwIfAborted();
    if (radius <= MAX_PROBE_RADIUS && this.#scansAhead-- <= 0) {
      const probed = await this.#probe(query, radius);
      if (probed) return probed;
      this.#scansAhead = SCANS_AFTER_EXCESS;
    }
    return this.#scan.scanHashes(query, radius, signal);
  }

  /** Null when there are too many candidates. */
  async #probe(query: HashChunks, radius: number): Promise<HashMatches | null> {
    const candidates = await this.#probes.candidates(probeValues(query, radius), MAX_CANDIDATES + 1);
    if (candidates.length > MAX_CANDIDATES) return null;
    const found = new MatchCollector();
    const seen = new Set<number>();
    for (const [seq, ...hash] of candidates) {
      const distance = hammingDistance(query, hash);
      if (distance > radius || seen.has(seq)) continue;
      seen.add(seq);
      found.add(seq, distance);
    }
    return found.nearestFirst();
  }
}

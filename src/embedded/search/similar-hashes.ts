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
/** The same where several searches share a probe. */
const MAX_SHARED_CANDIDATES = 10_000;

export interface HashQuery {
  hash: HashChunks;
  /** The greatest Hamming distance, 0 to 64. */
  radius: number;
}

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
    const [probed] = (await this.#probe([{ hash: query, radius }], MAX_CANDIDATES)) ?? [];
    return probed ?? this.#scan.scanHashes(query, radius, signal);
  }

  /** The same for each of several, with one probe for all where that can be. */
  async searchEach(queries: readonly HashQuery[], signal?: AbortSignal): Promise<readonly HashMatches[]> {
    signal?.throwIfAborted();
    const probed = await this.#probe(queries, MAX_SHARED_CANDIDATES);
    return probed ?? Promise.all(queries.map(({ hash, radius }) => this.search(hash, radius, signal)));
  }

  /** Null when there are too many probes or candidates. */
  async #probe(queries: readonly HashQuery[], maxCandidates: number): Promise<HashMatches[] | null> {
    if (queries.some(({ radius }) => radius > MAX_PROBE_RADIUS)) return null;
    if (this.#scansAhead > 0) {
      this.#scansAhead--;
      return null;
    }
    const values = queries.map(({ hash, radius }) => probeValues(hash, radius));
    const candidates = await this.#probes.candidates(unionOf(values), maxCandidates + 1);
    if (candidates.length > maxCandidates) {
      this.#scansAhead = SCANS_AFTER_EXCESS;
      return null;
    }
    const hashes = new Map(candidates.map(([seq, ...hash]) => [seq, hash]));
    return queries.map(({ hash, radius }) => {
      const found = new MatchCollector();
      for (const [seq, candidate] of hashes) {
        const distance = hammingDistance(hash, candidate);
        if (distance <= radius) found.add(seq, distance);
      }
      return found.nearestFirst();
    });
  }
}

function unionOf(all: readonly ProbeValues[]): ProbeValues {
  if (all.length === 1) return all[0]!;
  const ofChunk = (chunk: 0 | 1 | 2 | 3) => [...new Set(all.flatMap((values) => values[chunk]))];
  return [ofChunk(0), ofChunk(1), ofChunk(2), ofChunk(3)];
}

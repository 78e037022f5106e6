import { type HashChunks, hammingDistance } from '../../services/hamming-distance.js';
import { type HashMatches, type HashQuery, MatchCollector } from './hash-matches.js';

/** Not very many hashes of entries, searched one after the other. */
export class FewHashes {
  readonly #hashes: Map<number, HashChunks>;

  /** @param hashes by seq, which this may change */
  constructor(hashes: Map<number, HashChunks> = new Map()) {
    this.#hashes = hashes;
  }

  get size(): number {
    return this.#hashes.size;
  }

  /** In the order of their seqs. */
  get bySeq(): readonly (readonly [seq: number, hash: HashChunks])[] {
    return [...this.#hashes].sort(([a], [b]) => a - b);
  }

  /** Replaces the entry with the same seq. */
  add(seq: number, hash: HashChunks): void {
    this.#hashes.set(seq, hash);
  }

  /** Does nothing when there is no such entry. */
  remove(seq: number): void {
    this.#hashes.delete(seq);
  }

  /** The matches of each of the queries. */
  search(queries: readonly HashQuery[]): HashMatches[] {
    const { bySeq } = this;
    return queries.map((query) => {
      const found = new MatchCollector(query);
      for (const [seq, hash] of bySeq) found.add(seq, hammingDistance(query.hash, hash));
      return found.nearestFirst();
    });
  }
}

import type { HashChunks } from '../../services/hamming-distance.js';

/** A search for the entries near a hash. */
export interface HashQuery {
  hash: HashChunks;
  /** The greatest Hamming distance, 0 to 64. */
  radius: number;
  /** How many at most, the nearest of all; Infinity means all. */
  limit: number;
}

/**
 * Entries within the radius of a search, nearest first, then the oldest; entry `seqs[i]` is at Hamming distance
 * `distances[i]`.
 */
export interface HashMatches {
  seqs: Float64Array;
  distances: Uint8Array;
}

/** Collects what a query finds, sorted by counting: there are only 65 distances. */
export class MatchCollector {
  readonly #limit: number;
  readonly #seqsAt: number[][];
  /** The distances whose seqs do not ascend. */
  readonly #unordered = new Set<number>();
  #radius: number;
  /** How many of those collected are within `radius`. */
  #within = 0;

  constructor({ radius, limit }: HashQuery) {
    this.#limit = limit;
    this.#seqsAt = Array.from({ length: radius + 1 }, () => []);
    this.#radius = radius;
    this.#shrink();
  }

  /** The distance up to which a match may be among the nearest of all: it shrinks as matches come, and is -1 at the end. */
  get radius(): number {
    return this.#radius;
  }

  /** The same for a match out of order: it may be older than others as far as it. */
  get unorderedRadius(): number {
    return Math.min(this.#radius + 1, this.#seqsAt.length - 1);
  }

  /** @param seq greater than that of every match before */
  add(seq: number, distance: number): void {
    if (distance > this.#radius) return;
    this.#seqsAt[distance]!.push(seq);
    this.#within++;
    this.#shrink();
  }

  /** Behind all matches that come in order. @param seq any */
  addUnordered(seq: number, distance: number): void {
    if (distance > this.unorderedRadius) return;
    this.#seqsAt[distance]!.push(seq);
    this.#unordered.add(distance);
    if (distance > this.#radius) return;
    this.#within++;
    this.#shrink();
  }

  nearestFirst(): HashMatches {
    for (const distance of this.#unordered) this.#seqsAt[distance]!.sort((a, b) => a - b);
    const count = this.#seqsAt.reduce((sum, { length }) => sum + length, 0);
    const seqs = new Float64Array(Math.min(count, this.#limit));
    const distances = new Uint8Array(seqs.length);
    let at = 0;
    for (const [distance, found] of this.#seqsAt.entries()) {
      const end = Math.min(at + found.length, seqs.length);
      seqs.set(found.slice(0, end - at), at);
      distances.fill(distance, at, end);
      at = end;
    }
    return { seqs, distances };
  }

  /** Once the limit is filled, one as far as the last of them comes behind it, being younger. */
  #shrink(): void {
    while (this.#radius >= 0 && this.#within >= this.#limit) {
      this.#within -= this.#seqsAt[this.#radius]!.length;
      this.#radius--;
    }
  }
}

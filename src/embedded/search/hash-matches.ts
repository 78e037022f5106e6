/**
 * Entries within the radius of a search, nearest first, then the oldest; entry `seqs[i]` is at Hamming distance
 * `distances[i]`.
 */
export interface HashMatches {
  seqs: Float64Array;
  distances: Uint8Array;
}

/** Collects matches and sorts them by counting: there are only 65 distances. */
export class MatchCollector {
  readonly #seqsAt: number[][] = Array.from({ length: 65 }, () => []);
  #count = 0;

  add(seq: number, distance: number): void {
    this.#seqsAt[distance]!.push(seq);
    this.#count++;
  }

  nearestFirst(): HashMatches {
    const seqs = new Float64Array(this.#count);
    const distances = new Uint8Array(this.#count);
    let at = 0;
    this.#seqsAt.forEach((found, distance) => {
      seqs.set(found, at);
      seqs.subarray(at, at + found.length).sort();
      distances.fill(distance, at, at + found.length);
      at += found.length;
    });
    return { seqs, distances };
  }
}

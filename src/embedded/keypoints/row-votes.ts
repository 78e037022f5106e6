import { LEAST_PAIRS, type Pair } from './agreement.js';
import { type Keypoints, unpackPlace } from './keypoints.js';
import { mirroredPlace } from './mirror.js';
import { RowSet } from './row-set.js';

/** A keypoint of the query for a row that has something alike to it. */
export interface Vote {
  readonly queryIndex: number;
  /** Which of the keypoints of the row is the nearest to it. */
  readonly storedIndex: number;
  /** Where that is in its picture, packed. */
  readonly place: number;
  /** See Pair. */
  readonly weight: number;
}

/**
 * Votes of the keypoints of a query for the rows that have something alike. Most rows have one, so that votes are numbers in
 * lists, and pairs are made of few.
 */
export class RowVotes {
  readonly #rows = new RowSet();
  /** By the place of a row. */
  readonly #counts: number[] = [];
  readonly #weights: number[] = [];
  /** By vote: the place of its row, the query's keypoint, the stored one and its place in the picture, and the weight. */
  #votedFor: number[] = [];
  #queryIndices: number[] = [];
  #storedIndices: number[] = [];
  #places: number[] = [];
  #voteWeights: number[] = [];

  /** In bytes. */
  get bytes(): number {
    return this.#rows.bytes;
  }

  /** @param rows how many there are in all */
  clear(rows: number): void {
    this.#rows.clear(rows);
    this.#votedFor = [];
    this.#queryIndices = [];
    this.#storedIndices = [];
    this.#places = [];
    this.#voteWeights = [];
  }

  add(row: number, { queryIndex, storedIndex, place, weight }: Vote): void {
    const before = this.#rows.size;
    const at = this.#rows.add(row);
    const isNew = at === before;
    this.#counts[at] = isNew ? 1 : this.#counts[at]! + 1;
    this.#weights[at] = isNew ? weight : this.#weights[at]! + weight;
    this.#votedFor.push(at);
    this.#queryIndices.push(queryIndex);
    this.#storedIndices.push(storedIndex);
    this.#places.push(place);
    this.#voteWeights.push(weight);
  }

  /** The rows that have LEAST_PAIRS votes at least, with the weight of all their votes. */
  enough(): { row: number; weight: number }[] {
    const rows: { row: number; weight: number }[] = [];
    for (let at = 0; at < this.#rows.size; at++)
      if (this.#counts[at]! >= LEAST_PAIRS)
        rows.push({ row: this.#rows.rowOf(at), weight: this.#weights[at]! });
    return rows;
  }

  /** By row, for some of them, what voted for it, the heaviest first. */
  pairsOf(rows: readonly number[], query: Keypoints, mirrored: boolean): Map<number, Pair[]> {
    const pairs = new Map(rows.map((row): [number, Pair[]] => [row, []]));
    for (let vote = 0; vote < this.#votedFor.length; vote++) {
      const ofRow = pairs.get(this.#rows.rowOf(this.#votedFor[vote]!));
      if (!ofRow) continue;
      ofRow.push(
        pairOf(query, mirrored, {
          queryIndex: this.#queryIndices[vote]!,
          storedIndex: this.#storedIndices[vote]!,
          place: this.#places[vote]!,
          weight: this.#voteWeights[vote]!,
        }),
      );
    }
    for (const ofRow of pairs.values()) ofRow.sort(heaviestFirst);
    return pairs;
  }
}

/** A keypoint of the query, or of its mirror image, and one of a row that is alike to it. */
export function pairOf(
  { places, width }: Keypoints,
  mirrored: boolean,
  { queryIndex, storedIndex, place, weight }: Vote,
): Pair {
  const own = unpackPlace(places[queryIndex]!);
  return {
    query: mirrored ? mirroredPlace(own, width) : own,
    stored: unpackPlace(place),
    queryIndex,
    storedIndex,
    weight,
  };
}

/** Orders the pairs of one row, in which each keypoint of the query has one at most. */
export function heaviestFirst(a: Pair, b: Pair): number {
  return b.weight - a.weight || a.queryIndex - b.queryIndex;
}

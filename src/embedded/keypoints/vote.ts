import type { Pair } from './agreement.js';
import { type Keypoints, unpackPlace } from './keypoints.js';
import { mirroredPlace } from './mirror.js';

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

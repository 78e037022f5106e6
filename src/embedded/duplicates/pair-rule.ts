import { PAIR_LIKENESSES, type PairLikeness } from '../../services/duplicates.js';
import { type HashChunks, hammingDistance } from '../../services/hamming-distance.js';
import { DHASH, RANK } from '../../services/likeness.js';

/*
 * Which entries are a pair?
 *
 * - Two whose dHashes are near, where neither is plain. Plain pictures share their hashes with very many others, and are a
 *   pair where these are very near, at the last likeness alone.
 * - Two that are images as well, where the visual search finds each of them for the other as a whole (look-comparison.ts).
 *   That they share a part makes no copy.
 *
 * A pair by look is as far apart, in bits of a dHash, as one by dHash that is as sure of it.
 */

/** An entry as others are compared with it. */
export interface Comparable {
  readonly hash: HashChunks;
  readonly isPlain: boolean;
}

/** The other entry of a pair. */
export interface Neighbour<E> {
  readonly entry: E;
  /** In bits of a dHash. */
  readonly distance: number;
  readonly likeness: PairLikeness;
}

/** Two entries. */
export interface Between {
  /** In bits of a dHash. */
  readonly distance: number;
  /** Null where they are no pair. */
  readonly likeness: PairLikeness | null;
}

/** How far a pair of entries may be apart that are not plain. */
export const THRESHOLDS: Readonly<Record<PairLikeness, number>> = {
  NEARLY_CERTAIN: DHASH.nearlyCertain,
  LIKELY: DHASH.likely,
  POSSIBLE: DHASH.likely,
};

/** The farthest that an entry has to be looked for pairs at the last likeness. */
export function widestRadius({ isPlain }: Pick<Comparable, 'isPlain'>): number {
  return isPlain ? DHASH.nearlyCertain : DHASH.likely;
}

/** The farthest that it has to be looked for pairs that are so sure. */
export function radiusAt(likeness: PairLikeness, entry: Pick<Comparable, 'isPlain'>): number {
  return Math.min(THRESHOLDS[likeness], widestRadius(entry));
}

/** The surest likeness at which two entries are a pair by their dHashes; null where they are none. */
export function likenessOfPair(a: Comparable, b: Comparable, distance: number): PairLikeness | null {
  if (a.isPlain || b.isPlain) return distance <= DHASH.nearlyCertain ? 'POSSIBLE' : null;
  if (distance <= DHASH.nearlyCertain) return 'NEARLY_CERTAIN';
  return distance <= DHASH.likely ? 'LIKELY' : null;
}

/** What a pair by look is as sure as. */
export function pairOfRank(rank: number): Between & { likeness: PairLikeness } {
  if (rank <= RANK.nearlyCertain)
    return {
      distance: Math.ceil((DHASH.nearlyCertain * rank) / RANK.nearlyCertain),
      likeness: 'NEARLY_CERTAIN',
    };
  const share = (rank - RANK.nearlyCertain) / (RANK.likely - RANK.nearlyCertain);
  const more = Math.ceil((DHASH.likely - DHASH.nearlyCertain) * share);
  return { distance: DHASH.nearlyCertain + more, likeness: 'LIKELY' };
}

/** By both. */
export function between(a: Comparable, b: Comparable, rank: number | null): Between {
  const distance = apart(a, b);
  const likeness = likenessOfPair(a, b, distance);
  if (rank === null) return { distance, likeness };
  const byLook = pairOfRank(rank);
  return {
    distance: Math.min(distance, byLook.distance),
    likeness: isAsSure(likeness, byLook.likeness) ? likeness : byLook.likeness,
  };
}

/** Whether what is so sure is as sure as is asked for. */
export function isAsSure(likeness: PairLikeness | null, asked: PairLikeness): boolean {
  return likeness !== null && PAIR_LIKENESSES.indexOf(likeness) <= PAIR_LIKENESSES.indexOf(asked);
}

/** By their dHashes. */
export function apart(a: Comparable, b: Comparable): number {
  return hammingDistance(a.hash, b.hash);
}

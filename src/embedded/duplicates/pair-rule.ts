import { PAIR_LIKENESSES, type PairLikeness } from '../../services/duplicates.js';
import { type HashChunks, hammingDistance } from '../../services/hamming-distance.js';
import { DHASH } from '../../services/likeness.js';

/*
 * Which entries are a pair? Two whose dHashes are near, where neither is plain. Plain pictures share their hashes with very
 * many others, and are a pair where these are very near, at the last likeness alone.
 */

/** An entry as others are compared with it. */
export interface Comparable {
  readonly hash: HashChunks;
  readonly isPlain: boolean;
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

/** The surest likeness at which two entries are a pair; null where they are none at all. */
export function likenessOfPair(a: Comparable, b: Comparable, distance: number): PairLikeness | null {
  if (a.isPlain || b.isPlain) return distance <= DHASH.nearlyCertain ? 'POSSIBLE' : null;
  if (distance <= DHASH.nearlyCertain) return 'NEARLY_CERTAIN';
  return distance <= DHASH.likely ? 'LIKELY' : null;
}

/** Whether what is so sure is as sure as is asked for. */
export function isAsSure(likeness: PairLikeness | null, asked: PairLikeness): boolean {
  return likeness !== null && PAIR_LIKENESSES.indexOf(likeness) <= PAIR_LIKENESSES.indexOf(asked);
}

export function apart(a: Comparable, b: Comparable): number {
  return hammingDistance(a.hash, b.hash);
}

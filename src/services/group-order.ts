import { compareText } from './compare-text.js';
import { type GroupPosition, type OpenGroup, PAIR_LIKENESSES } from './duplicates.js';

export function positionOf({ likeness, contentHashes }: OpenGroup): GroupPosition {
  return { likeness, size: contentHashes.length, contentHash: contentHashes[0] };
}

/** Negative where the first place comes before the second: the surest first, then the largest, then by content hash. */
export function compareGroupPositions(a: GroupPosition, b: GroupPosition): number {
  return (
    PAIR_LIKENESSES.indexOf(a.likeness) - PAIR_LIKENESSES.indexOf(b.likeness) ||
    b.size - a.size ||
    compareText(a.contentHash, b.contentHash)
  );
}

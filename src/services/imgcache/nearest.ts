import type { Entry, EntryMatch, SimilarQuery } from './api.js';
import { decodeEntry, perceptualHashOf } from './entry-decoder.js';
import { compareText } from './entry-query.js';
import { hammingDistance } from './hamming-distance.js';

/**
 * Finds and ranks matches among rows: a remote imgcache gives them without their distances and in no useful order. It has
 * no limit either, so that only those which may be shown are read whole.
 * @throws Error when what is read of them is not what imgcache documents
 */
export function nearest(
  rows: readonly unknown[],
  { perceptualHash, maxHammingDistance, limit = rows.length }: SimilarQuery,
): EntryMatch[] {
  const atDistance: unknown[][] = Array.from({ length: maxHammingDistance + 1 }, () => []);
  for (const row of rows) {
    const hash = perceptualHashOf(row);
    if (hash !== null) atDistance[hammingDistance(hash, perceptualHash)]?.push(row);
  }
  const matches: EntryMatch[] = [];
  for (const [distance, found] of atDistance.entries()) {
    // Only what is shown has to be in order.
    if (matches.length >= limit) break;
    for (const entry of found.map(decodeEntry).sort(oldestFirst))
      matches.push({ entry, hammingDistance: distance });
  }
  return matches.slice(0, limit);
}

function oldestFirst(a: Entry, b: Entry): number {
  return compareText(a.createdAt, b.createdAt) || compareText(a.contentHash, b.contentHash);
}

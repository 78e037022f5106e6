import { compareText } from '../../services/compare-text.js';
import type { Entry, EntryMatch } from '../../services/entry.js';
import type { SimilarQuery } from '../../services/entry-query.js';
import { hammingDistance, hashChunks } from '../../services/hamming-distance.js';

/** The matches among entries, nearest first: a remote imgcache gives them without their distances and in no useful order. */
export function nearest(
  entries: readonly Entry[],
  { perceptualHash, maxHammingDistance, limit = entries.length }: SimilarQuery,
): EntryMatch[] {
  const atDistance: Entry[][] = Array.from({ length: maxHammingDistance + 1 }, () => []);
  const hash = hashChunks(perceptualHash);
  for (const entry of entries) {
    if (entry.perceptualHash === null) continue;
    atDistance[hammingDistance(hashChunks(entry.perceptualHash), hash)]?.push(entry);
  }
  const matches: EntryMatch[] = [];
  for (const [distance, found] of atDistance.entries()) {
    // Entries beyond the limit need no order.
    if (matches.length >= limit) break;
    for (const entry of found.sort(oldestFirst)) matches.push({ entry, hammingDistance: distance });
  }
  return matches.slice(0, limit);
}

function oldestFirst(a: Entry, b: Entry): number {
  return compareText(a.createdAt, b.createdAt) || compareText(a.contentHash, b.contentHash);
}

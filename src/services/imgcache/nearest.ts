import type { Entry, EntryMatch, SimilarQuery } from './api.js';
import { type Row, toEntry } from './entry-decoder.js';
import { compareText } from './entry-query.js';
import { hammingDistance } from './hamming-distance.js';

/** Finds and ranks matches among rows: a remote imgcache gives them without their distances and in no useful order. */
export function nearest(
  rows: readonly Row[],
  { perceptualHash, maxHammingDistance, limit = rows.length }: SimilarQuery,
): EntryMatch[] {
  const atDistance: Row[][] = Array.from({ length: maxHammingDistance + 1 }, () => []);
  for (const row of rows) {
    if (row.perceptual_hash === null) continue;
    atDistance[hammingDistance(row.perceptual_hash, perceptualHash)]?.push(row);
  }
  const matches: EntryMatch[] = [];
  for (const [distance, found] of atDistance.entries()) {
    // Only what is shown has to be in order.
    if (matches.length >= limit) break;
    for (const entry of found.map(toEntry).sort(oldestFirst))
      matches.push({ entry, hammingDistance: distance });
  }
  return matches.slice(0, limit);
}

function oldestFirst(a: Entry, b: Entry): number {
  return compareText(a.createdAt, b.createdAt) || compareText(a.contentHash, b.contentHash);
}

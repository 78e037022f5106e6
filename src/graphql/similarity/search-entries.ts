import type { EntryMatch } from '../../services/imgcache.js';
import type { Loaders } from '../loaders/loaders.js';

export interface EntriesQuestion {
  perceptualHash: string;
  /** 0 to 64. */
  maxHammingDistance: number;
  first: number;
  /** The content hash of the picture asked about, which is left out. */
  itself: string | null;
}

/** Asks imgcache for similar entries: nearest first. */
export async function searchEntries(
  { perceptualHash, maxHammingDistance, first, itself }: EntriesQuestion,
  loaders: Loaders,
): Promise<EntryMatch[]> {
  const limit = itself === null ? first : first + 1;
  const matches = await loaders.entries.similar.load({ perceptualHash, maxHammingDistance, limit });
  return matches.filter(({ entry }) => entry.contentHash !== itself).slice(0, first);
}

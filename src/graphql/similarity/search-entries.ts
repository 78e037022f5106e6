import type { EntryMatch } from '../../services/imgcache.js';
import type { Likeness } from '../../services/likeness.js';
import type { EntryLoaders } from '../loaders/entries.js';
import { likenessOfEntry } from './likeness.js';

export interface EntriesQuestion {
  perceptualHash: string;
  /** 0 to 64. */
  maxHammingDistance: number;
  first: number;
  /** The content hash of the picture asked about, which is left out. */
  itself: string | null;
  /**
   * The same of a picture that is not left out.
   * @default null
   */
  same?: string | null;
}

/** An entry that was found. */
export interface FoundEntry extends EntryMatch {
  likeness: Likeness;
}

/** Asks imgcache for similar entries: nearest first. */
export async function searchEntries(
  { perceptualHash, maxHammingDistance, first, itself, same = null }: EntriesQuestion,
  entries: Pick<EntryLoaders, 'similar'>,
): Promise<FoundEntry[]> {
  const limit = itself === null ? first : first + 1;
  const matches = await entries.similar.load({ perceptualHash, maxHammingDistance, limit });
  const others = matches.filter(({ entry }) => entry.contentHash !== itself).slice(0, first);
  const asked = { perceptualHash, contentHash: same };
  return others.map((match) => ({ ...match, likeness: likenessOfEntry(match, asked) }));
}

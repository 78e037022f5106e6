import type { EntryMatch } from '../../services/entry.js';
import type { EntryLoaders } from '../loaders/entries.js';
import type { AskedPicture } from './likeness.js';

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

/** An entry that was found, and what it was compared with: few ask in which words they are alike. */
export interface FoundEntry extends EntryMatch {
  asked: AskedPicture;
}

/** Asks imgcache for similar entries: nearest first. */
export async function searchEntries(
  { perceptualHash, maxHammingDistance, first, itself, same = null }: EntriesQuestion,
  entries: Pick<EntryLoaders, 'similar'>,
): Promise<FoundEntry[]> {
  const limit = itself === null ? first : first + 1;
  const matches = await entries.similar.load({ perceptualHash, maxHammingDistance, limit });
  const asked = { perceptualHash, contentHash: same };
  const found: FoundEntry[] = [];
  for (const { entry, hammingDistance } of matches) {
    if (found.length === first) break;
    if (entry.contentHash !== itself) found.push({ entry, hammingDistance, asked });
  }
  return found;
}

import type { ServiceMode } from '../../services/errors.js';
import { isPlainHash, LIKENESSES, type Likeness, likenessOfHashes, RANK } from '../../services/likeness.js';
import type { ImageMatch } from '../../services/visualsnoop.js';
import type { FoundEntry } from './search-entries.js';

/** What is known of the picture that entries are compared with. */
export interface AskedPicture {
  perceptualHash: string;
  /** Null where it is not known, or where its entry is left out. */
  contentHash: string | null;
}

export function likenessOfEntry({ entry, hammingDistance, asked }: FoundEntry): Likeness {
  if (entry.contentHash === asked.contentHash) return 'IDENTICAL';
  const { perceptualHash } = entry;
  if (perceptualHash === null) return 'POSSIBLE';
  return likenessOfHashes(hammingDistance, isPlainHash(perceptualHash) || isPlainHash(asked.perceptualHash));
}

/** A remote VisualSnoop ranks on a scale of its own, of which nothing is known but that 0 is identical. */
export function likenessOfRank(rank: number, mode: ServiceMode): Likeness {
  if (rank === 0) return 'IDENTICAL';
  if (mode === 'REMOTE' || rank > RANK.likely) return 'POSSIBLE';
  return rank <= RANK.nearlyCertain ? 'NEARLY_CERTAIN' : 'LIKELY';
}

/** Parts that keypoints find are mistaken in a million pairs about once. */
export function likenessOfMatch({ rank, found }: ImageMatch, mode: ServiceMode): Likeness {
  return found === 'PART' ? 'LIKELY' : likenessOfRank(rank, mode);
}

/** The likeness of a picture that was found in several ways, one at least. */
export function surest(likenesses: readonly Likeness[]): Likeness {
  return LIKENESSES.find((likeness) => likenesses.includes(likeness))!;
}

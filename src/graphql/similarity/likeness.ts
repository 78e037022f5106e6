import type { ServiceMode } from '../../services/errors.js';
import { bitCount, hashChunks } from '../../services/hamming-distance.js';
import type { EntryMatch } from '../../services/imgcache.js';
import type { ImageMatch } from '../../services/visualsnoop.js';

/*
 * The numbers of a match in words, by how often pictures that have nothing to do with each other come as near. False
 * results in a million pairs of photographs and parts of photographs, by `npm run bench -- likeness`:
 *
 *                                   NEARLY_CERTAIN    LIKELY            POSSIBLE
 *   dHash, neither plain            to 4 bits: 0      to 10 bits: 31    beyond: hundreds
 *   dHash, one of both plain                                            to 4 bits: 4,300
 *   rank of the embedded search     to 13: 0          to 67: 34         beyond
 *
 * 0 is of 0.9 million pairs, and of 2.2 million for ranks. Whole photographs are mistaken less: `bench -- quality` finds 0.03
 * to 1.2 at ranks to 67 (bench/quality/NOTES.md), but 16 to 66 for drawings and pictures of text.
 */

/** How sure it is that two pictures are copies of one, the surest first. */
export const LIKENESSES = ['IDENTICAL', 'NEARLY_CERTAIN', 'LIKELY', 'POSSIBLE'] as const;

export type Likeness = (typeof LIKENESSES)[number];

/** In bits of 64. */
const DHASH = { nearlyCertain: 4, likely: 10 };
/** 12 bits of 256 apart; and the last rank of the rule that compares hashes (embedded/search/visual-rule.ts). */
const RANK = { nearlyCertain: 13, likely: 67 };

/**
 * A hash whose rows differ in fewer bits from each other is plain: of one colour, a gradient, sky. Nearly all pictures that
 * have nothing to do with each other and share a dHash are plain.
 */
const LEAST_ROW_CHANGES = 8;

/** Whether a dHash says little of its picture. */
export function isPlainHash(perceptualHash: string): boolean {
  const rows = hashChunks(perceptualHash).flatMap((chunk) => [chunk >>> 8, chunk & 255]);
  const changes = rows.slice(1).reduce((sum, row, above) => sum + bitCount(row ^ rows[above]!), 0);
  return changes < LEAST_ROW_CHANGES;
}

/** What is known of the picture that entries are compared with. */
export interface AskedPicture {
  perceptualHash: string;
  /** Null where it is not known, or where its entry is left out. */
  contentHash: string | null;
}

export function likenessOfEntry({ entry, hammingDistance }: EntryMatch, asked: AskedPicture): Likeness {
  if (entry.contentHash === asked.contentHash) return 'IDENTICAL';
  const { perceptualHash } = entry;
  if (perceptualHash === null || isPlainHash(perceptualHash) || isPlainHash(asked.perceptualHash))
    return 'POSSIBLE';
  if (hammingDistance <= DHASH.nearlyCertain) return 'NEARLY_CERTAIN';
  return hammingDistance <= DHASH.likely ? 'LIKELY' : 'POSSIBLE';
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

import { bitCount, type HashChunks, hashChunks } from './hamming-distance.js';

/*
 * The numbers of a match in words, by how often pictures that have nothing to do with each other come as near. False
 * results in a million pairs of photographs and parts of photographs, by `npm run bench -- likeness`:
 *
 *                                   NEARLY_CERTAIN    LIKELY            POSSIBLE
 *   dHash, neither plain            to 4 bits: 0      to 10 bits: 31    beyond: hundreds
 *   dHash, one of both plain                                            to 4 bits: 4,300
 *   rank of the embedded search     to 13: 0          to 67: 34         beyond
 *
 * 0 is of 0.9 million pairs, and of 2.2 million for ranks. Whole photographs are mistaken less: `bench -- quality` finds none in
 * 4.3 million pairs at ranks to 67 (bench/quality/NOTES.md), but 6 in a million for pictures of text.
 */

/** How sure it is that two pictures are copies of one, the surest first. */
export const LIKENESSES = ['IDENTICAL', 'NEARLY_CERTAIN', 'LIKELY', 'POSSIBLE'] as const;

export type Likeness = (typeof LIKENESSES)[number];

/** How far two dHashes may differ, in bits of 64. */
export const DHASH = { nearlyCertain: 4, likely: 10 };
/** The last ranks: 12 bits of 256 apart; and that of the rule that compares hashes (embedded/search/visual-rule.ts). */
export const RANK = { nearlyCertain: 13, likely: 67 };

/**
 * A hash whose rows differ in fewer bits from each other is plain: of one colour, a gradient, sky. Nearly all pictures that
 * have nothing to do with each other and share a dHash are plain.
 */
const LEAST_ROW_CHANGES = 8;

/** Whether a dHash says little of its picture. */
export function isPlainHash(hash: string | HashChunks): boolean {
  const chunks = typeof hash === 'string' ? hashChunks(hash) : hash;
  let changes = 0;
  let above = chunks[0] >>> 8;
  for (const chunk of chunks) {
    for (const row of [chunk >>> 8, chunk & 255]) {
      changes += bitCount(row ^ above);
      above = row;
    }
  }
  return changes < LEAST_ROW_CHANGES;
}

/** Of two different pictures by their dHashes. */
export function likenessOfHashes(hammingDistance: number, onePlain: boolean): Exclude<Likeness, 'IDENTICAL'> {
  if (onePlain || hammingDistance > DHASH.likely) return 'POSSIBLE';
  return hammingDistance <= DHASH.nearlyCertain ? 'NEARLY_CERTAIN' : 'LIKELY';
}

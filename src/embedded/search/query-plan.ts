import type { MatchKind, SharedPart } from '../../services/visualsnoop.js';
import type { KeypointIndex, KeypointMatch } from '../keypoints/keypoint-index.js';
import { KEPT_KEYPOINTS, type Keypoints } from '../keypoints/keypoints.js';
import { sharedPart } from '../keypoints/shared-part.js';
import type { VisualMatch } from './visual-index.js';
import { WHOLE_THRESHOLD } from './visual-rule.js';

/*
 * Which pictures of a collection look like one? Hashes compare views of the whole, keypoints find parts wherever they lie.
 *
 * - A hash that is within SURE_BITS is enough.
 * - A hash that is farther needs keypoints that agree, with a score of CONFIRMING_SCORE at least, where both pictures have
 *   ENOUGH_KEYPOINTS. Where one of them has fewer, being small or plain, or none yet, the hashes alone decide.
 * - Keypoints alone need a score of PART_SCORE; with more keypoints than are kept of a picture there are more chances to
 *   agree by chance, and the score must be ASKED_PART_SCORE.
 *
 * The numbers are fitted: see bench/quality/NOTES.md.
 */

const SURE_BITS = 12;
const CONFIRMING_SCORE = 1.3;
const PART_SCORE = 1.4;
const ASKED_PART_SCORE = 1.8;
const ENOUGH_KEYPOINTS = 16;

/** The rank of two equal hashes of different bytes. */
const EQUAL_HASHES = 1;
const SURE_RANK = EQUAL_HASHES + SURE_BITS;
/** Parts rank behind all that hashes find. */
const LEAST_PART_RANK = EQUAL_HASHES + WHOLE_THRESHOLD + 1;
/** How many ranks parts are told apart by. */
const PART_RANKS = 100;

/** A picture that looks like the query. */
export interface Likeness extends VisualMatch {
  readonly found: MatchKind;
  /** Null where no keypoints agree. */
  readonly part: SharedPart | null;
}

/** What hashes find alone. */
export function wholeLikenesses(alike: readonly VisualMatch[]): Likeness[] {
  return alike.map((match) => ({ ...match, found: 'WHOLE', part: null }));
}

/** What hashes and keypoints find together, by rank, then by key. */
export function mergedLikenesses(
  alike: readonly VisualMatch[],
  query: Keypoints,
  keypoints: KeypointIndex,
): Likeness[] {
  const agreements = new Map(
    keypoints.search(query, new Set(alike.map(({ key }) => key))).map((match) => [match.key, match]),
  );
  const partOf = (match: KeypointMatch | undefined) =>
    match ? sharedPart(match, query, keypoints.sidesOf(match.key)) : null;
  const isComparable = (key: number) => Math.min(query.count, keypoints.countOf(key)) >= ENOUGH_KEYPOINTS;
  const whole = alike
    .filter(
      ({ key, rank }) =>
        rank <= SURE_RANK || !isComparable(key) || (agreements.get(key)?.score ?? 0) >= CONFIRMING_SCORE,
    )
    .map(({ key, rank }): Likeness => ({ key, rank, found: 'WHOLE', part: partOf(agreements.get(key)) }));
  const found = new Set(whole.map(({ key }) => key));
  const least = query.count > KEPT_KEYPOINTS ? ASKED_PART_SCORE : PART_SCORE;
  const parts = [...agreements.values()]
    .filter(({ key, score }) => score >= least && !found.has(key))
    .map(
      (match): Likeness => ({
        key: match.key,
        rank: partRank(match.score),
        found: 'PART',
        part: partOf(match),
      }),
    );
  return [...whole, ...parts].sort((a, b) => a.rank - b.rank || a.key - b.key);
}

/** A whole number that falls with the score. */
function partRank(score: number): number {
  return LEAST_PART_RANK + Math.floor((PART_RANKS * PART_SCORE) / score);
}

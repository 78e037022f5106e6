import type { MatchKind, SharedPart } from '../../services/visualsnoop.js';
import type { KeypointIndex, KeypointMatch } from '../keypoints/keypoint-index.js';
import type { Keypoints } from '../keypoints/keypoints.js';
import { sharedPart } from '../keypoints/shared-part.js';
import type { Descriptor } from '../picture/descriptor.js';
import type { VisualMatch } from './visual-index.js';
import { type AskedViews, WHOLE_THRESHOLD } from './visual-rule.js';

/*
 * Which pictures of a collection look like one? Hashes compare views of the whole, keypoints find parts wherever they lie.
 *
 * - A hash that is within SURE_BITS is enough.
 * - A hash that is farther needs keypoints that agree, with a score of CONFIRMING_SCORE at least. Where one of both pictures
 *   has fewer than ENOUGH_KEYPOINTS, being small or plain, or none yet, there is nothing to confirm it by: it must be
 *   within UNCONFIRMED_BITS.
 * - Keypoints alone need a score of PART_SCORE.
 * - A query with MANY_KEYPOINTS is looked for through the views of its middle only: what the others find, keypoints find too,
 *   and most of the time of a search is theirs.
 *
 * The numbers are fitted: see bench/quality/NOTES.md.
 */

const SURE_BITS = 12;
const CONFIRMING_SCORE = 0.4;
const PART_SCORE = 0.8;
const ENOUGH_KEYPOINTS = 8;
const UNCONFIRMED_BITS = 30;
const MANY_KEYPOINTS = 24;

/** The rank of two equal hashes of different bytes. */
const EQUAL_HASHES = 1;
const SURE_RANK = EQUAL_HASHES + SURE_BITS;
const UNCONFIRMED_RANK = EQUAL_HASHES + UNCONFIRMED_BITS;
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

/** What a search asks with. */
export interface Query {
  readonly descriptor: Descriptor | null;
  /** Null where parts are not wanted. */
  readonly keypoints: Keypoints | null;
}

/** What it asks. */
export interface Indexes {
  search(query: Descriptor, asked: AskedViews): VisualMatch[];
  /** Null where there is too little memory for them. */
  readonly keypoints: KeypointIndex | null;
}

/** Everything that looks like the query, by rank, then by key. */
export function findLikenesses({ descriptor, keypoints }: Query, indexes: Indexes): Likeness[] {
  const hasMany = keypoints && indexes.keypoints && keypoints.count >= MANY_KEYPOINTS;
  const alike = descriptor ? indexes.search(descriptor, hasMany ? 'MIDDLE' : 'ALL') : [];
  return keypoints && indexes.keypoints
    ? mergedLikenesses(alike, keypoints, indexes.keypoints)
    : wholeLikenesses(alike);
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
  const isAlike = ({ key, rank }: VisualMatch) => {
    if (rank <= SURE_RANK) return true;
    if (Math.min(query.count, keypoints.countOf(key)) < ENOUGH_KEYPOINTS) return rank <= UNCONFIRMED_RANK;
    return (agreements.get(key)?.score ?? 0) >= CONFIRMING_SCORE;
  };
  const whole = alike
    .filter(isAlike)
    .map(({ key, rank }): Likeness => ({ key, rank, found: 'WHOLE', part: partOf(agreements.get(key)) }));
  const found = new Set(whole.map(({ key }) => key));
  const parts = [...agreements.values()]
    .filter(({ key, score }) => score >= PART_SCORE && !found.has(key))
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

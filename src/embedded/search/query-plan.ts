import type { MatchKind, SharedPart } from '../../services/visualsnoop.js';
import type { KeypointIndex, KeypointMatch } from '../keypoints/keypoint-index.js';
import type { Keypoints } from '../keypoints/keypoints.js';
import { sharedPart } from '../keypoints/shared-part.js';
import type { Descriptor } from '../picture/descriptor.js';
import { USELESS } from '../picture/informative.js';
import type { VisualMatch } from './visual-index.js';
import { type AskedViews, WHOLE_THRESHOLD } from './visual-rule.js';

/*
 * Which pictures of a collection look like one? Hashes compare views of the whole, keypoints find parts wherever they lie.
 *
 * - A hash that is within SURE_BITS is enough: small and plain pictures have few keypoints, or none.
 * - A hash that is farther needs keypoints that agree, with a score of CONFIRMING_SCORE at least.
 * - Keypoints alone need a score of PART_SCORE; twice as much where the hashes of both have a discount of DOUBLING_DISCOUNT,
 *   as codes and small text have, which are made of the same few signs.
 * - A stored picture is asked for both ways where its hash is not enough: the score is the mean of what each gives the other,
 *   both mirrored or neither, and both must give MUTUAL_EVIDENCE. As two keypoints are hardly ever alike by chance in both directions, a mean of
 *   MUTUAL_PART_SCORE is enough for a part. So each finds the other. A part whose score makes up for the mean whatever the
 *   other gives needs no asking: it gives something, practically always.
 * - A query with MANY_KEYPOINTS is looked for through the views of its middle only: what the others find, keypoints find too,
 *   and most of the time of a search is theirs.
 *
 * The numbers are fitted: see bench/quality/NOTES.md.
 */

const SURE_BITS = 40;
const CONFIRMING_SCORE = 0.4;
const PART_SCORE = 1.5;
const MUTUAL_PART_SCORE = 1.3;
const MUTUAL_EVIDENCE = 0.4;
const DOUBLING_DISCOUNT = 10;
const MANY_KEYPOINTS = 24;

/** The rank of two equal hashes of different bytes. */
const EQUAL_HASHES = 1;
/** The last rank at which hashes are enough. */
export const SURE_RANK = EQUAL_HASHES + SURE_BITS;
/** Parts rank behind all that hashes find. */
const LEAST_PART_RANK = EQUAL_HASHES + WHOLE_THRESHOLD + 1;
/** How many ranks parts are told apart by. */
const PART_RANKS = 100;

/** A picture that looks like the query. */
export interface Likeness extends VisualMatch {
  readonly found: MatchKind;
  /** Null where no keypoints agree. Worked out when it is read, as most likenesses are not shown. */
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
  /** Of the hash of the whole of a picture, see Information; 0 where it has none. */
  discountOf(key: number): number;
  /** Null where there is too little memory for them. */
  readonly keypoints: KeypointIndex | null;
}

/** Everything that looks like the query, by rank, then by key. */
export function findLikenesses({ descriptor, keypoints }: Query, indexes: Indexes): Likeness[] {
  const alike = alikeByHash({ descriptor, keypoints }, indexes);
  if (!keypoints || !indexes.keypoints) return wholeLikenesses(alike);
  const partScore = partScoreFor(descriptor, indexes, PART_SCORE);
  return mergedLikenesses(alike, keypoints, indexes.keypoints, partScore);
}

/**
 * Everything that looks like a picture that is stored, by rank, then by key: where hashes are not enough, what finds it as
 * well.
 *
 * @param key of the picture
 * @param keypointsOf reads those of other pictures, by key; those without may be missing
 */
export async function findMutualLikenesses(
  key: number,
  { descriptor, keypoints }: Query,
  indexes: Indexes,
  keypointsOf: (keys: readonly number[]) => Promise<ReadonlyMap<number, Keypoints>>,
): Promise<Likeness[]> {
  const alike = alikeByHash({ descriptor, keypoints }, indexes);
  const index = indexes.keypoints;
  if (!keypoints || !index) return wholeLikenesses(alike);
  const ranks = new Map(alike.map((match) => [match.key, match.rank]));
  const partScore = partScoreFor(descriptor, indexes, MUTUAL_PART_SCORE);
  const isCertain = (match: KeypointMatch) => {
    const rank = ranks.get(match.key);
    return rank === undefined ? match.score >= 2 * partScore(match.key) : rank <= SURE_RANK;
  };
  const there = index.search(keypoints, new Set(ranks.keys()));
  const doubtful = there.filter((match) => !isCertain(match) && match.score >= MUTUAL_EVIDENCE);
  const others =
    doubtful.length > 0
      ? await keypointsOf(doubtful.map((match) => match.key))
      : new Map<number, Keypoints>();
  const asked = doubtful.filter((match) => others.has(match.key));
  const scores = index.scoresOf(
    key,
    keypoints,
    asked.map((match) => ({ keypoints: others.get(match.key)!, mirrored: match.mirrored })),
  );
  const mutual = asked.flatMap((match, place) => {
    const back = scores[place]!;
    return back >= MUTUAL_EVIDENCE ? [{ ...match, score: (match.score + back) / 2 }] : [];
  });
  return merged(alike, [...there.filter(isCertain), ...mutual], {
    query: keypoints,
    keypoints: index,
    partScore,
  });
}

function alikeByHash({ descriptor, keypoints }: Query, indexes: Indexes): VisualMatch[] {
  const hasMany = keypoints && indexes.keypoints && keypoints.count >= MANY_KEYPOINTS;
  return descriptor ? indexes.search(descriptor, hasMany ? 'MIDDLE' : 'ALL') : [];
}

/** The score that a part needs, by key. */
function partScoreFor(
  descriptor: Descriptor | null,
  indexes: Indexes,
  score: number,
): (key: number) => number {
  const discount = descriptor?.views[0]?.discount ?? 0;
  const own = discount === USELESS ? 0 : discount;
  return (key) => score * (1 + Math.min(own, indexes.discountOf(key)) / DOUBLING_DISCOUNT);
}

/** What hashes find alone. */
export function wholeLikenesses(alike: readonly VisualMatch[]): Likeness[] {
  return alike.map((match) => ({ ...match, found: 'WHOLE', part: null }));
}

/**
 * What hashes and keypoints find together, by rank, then by key.
 *
 * @param partScore the score that a part needs, by key
 */
export function mergedLikenesses(
  alike: readonly VisualMatch[],
  query: Keypoints,
  keypoints: KeypointIndex,
  partScore: (key: number) => number = () => PART_SCORE,
): Likeness[] {
  const agreements = keypoints.search(query, new Set(alike.map(({ key }) => key)));
  return merged(alike, agreements, { query, keypoints, partScore });
}

interface Asked {
  readonly query: Keypoints;
  readonly keypoints: KeypointIndex;
  /** The score that a part needs, by key. */
  readonly partScore: (key: number) => number;
}

function merged(
  alike: readonly VisualMatch[],
  matches: readonly KeypointMatch[],
  { query, keypoints, partScore }: Asked,
): Likeness[] {
  const agreements = new Map(matches.map((match) => [match.key, match]));
  const likeness = (key: number, rank: number, kind: MatchKind): Likeness => ({
    key,
    rank,
    found: kind,
    get part() {
      const agreement = agreements.get(key);
      return agreement ? sharedPart(agreement, query, keypoints.sidesOf(key)) : null;
    },
  });
  const whole = alike
    .filter(({ key, rank }) => rank <= SURE_RANK || (agreements.get(key)?.score ?? 0) >= CONFIRMING_SCORE)
    .map(({ key, rank }) => likeness(key, rank, 'WHOLE'));
  const found = new Set(whole.map(({ key }) => key));
  const parts = matches
    .filter(({ key, score }) => score >= partScore(key) && !found.has(key))
    .map(({ key, score }) => likeness(key, partRank(score), 'PART'));
  return [...whole, ...parts].sort((a, b) => a.rank - b.rank || a.key - b.key);
}

/** A whole number that falls with the score. */
function partRank(score: number): number {
  return LEAST_PART_RANK + Math.floor((PART_RANKS * MUTUAL_PART_SCORE) / score);
}

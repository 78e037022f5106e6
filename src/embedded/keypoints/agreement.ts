import type { Place } from './keypoints.js';
import { fittedSimilarity, moved, type Similarity, similarityOf, turnBetween } from './similarity.js';

/** A keypoint of the query and one of a stored picture whose codes are alike. */
export interface Pair {
  readonly query: Place;
  readonly stored: Place;
  /** The query's keypoint, as only one of the stored ones can be the same place. */
  readonly queryIndex: number;
  readonly storedIndex: number;
  /** How much it says that they are alike, 0 to 1. */
  readonly weight: number;
}

/** Pairs that agree on how the stored picture lies in the query. */
export interface Agreement {
  /** Moves places of the stored picture to the query. */
  readonly similarity: Similarity;
  readonly pairs: readonly Pair[];
  /** How much they say together: more, the nearer they are to where they should be, and the fewer pairs do not agree. */
  readonly score: number;
}

/** Pairs within the tolerances of a similarity. */
interface Support {
  readonly similarity: Similarity;
  readonly pairs: readonly Pair[];
  readonly weight: number;
}

/** Fewer pairs may agree by chance. */
export const LEAST_PAIRS = 3;
/** The pairs that propose a similarity. */
const MOST_PROPOSALS = 80;
/** The greatest distance of places that agree, in shares of the query's longer side. */
const PLACE_TOLERANCE = 24 / 512;
const LOG_SIZE_TOLERANCE = 0.6;
const ANGLE_TOLERANCE = 0.5;
/** True pairs are mostly nearer than that, once the similarity is fitted; pairs by chance are anywhere within the tolerances. */
const PLACE_DEVIATION = 0.015;
const LOG_SIZE_DEVIATION = 0.2;
const ANGLE_DEVIATION = 0.15;
const MOST_SCALE = 10;
/** So many pairs count of each cell of the stored picture: one rich detail is not the picture. */
const CELLS = 16;
const MOST_OF_CELL = 2;
const REFINEMENTS = 2;
/** More than sums of weights are off by. */
const ROUNDING = 1e-9;

/**
 * The similarity that most of the weight agrees on; null where too few pairs do. Each pair proposes one, and the best is
 * fitted to those who agree.
 *
 * @param pairs the heaviest first
 */
export function bestAgreement(pairs: readonly Pair[]): Agreement | null {
  let best: Support | null = null;
  const most = weightOf(pairs);
  for (const { query, stored } of pairs.slice(0, MOST_PROPOSALS)) {
    const known = best?.weight ?? 0;
    // Of two proposals of the same weight the first one counts.
    if (known >= most) break;
    const proposed = supportOf(similarityOf(stored, query), pairs, known);
    if (proposed && proposed.weight > known) best = proposed;
  }
  for (let round = 0; best && round < REFINEMENTS; round++) {
    const fitted = fittedSimilarity(best.pairs.map(({ stored, query }) => [stored, query]));
    const refined = fitted && supportOf(fitted, pairs);
    if (!refined || refined.weight < best.weight) break;
    best = refined;
  }
  if (!best || best.pairs.length < LEAST_PAIRS) return null;
  return { similarity: best.similarity, pairs: best.pairs, score: scoreOf(best, pairs) };
}

function scoreOf({ similarity, pairs, weight }: Support, all: readonly Pair[]): number {
  const near = pairs.reduce((sum, pair) => sum + pair.weight * nearness(similarity, pair), 0);
  return near * Math.sqrt(weight / weightOf(all));
}

function weightOf(pairs: readonly Pair[]): number {
  return pairs.reduce((sum, { weight }) => sum + weight, 0);
}

/** 1 for a pair that is exactly where the similarity has it, less for others. */
function nearness(similarity: Similarity, { query, stored }: Pair): number {
  const { x, y } = moved(similarity, stored);
  const off = Math.hypot(x - query.x, y - query.y) / PLACE_DEVIATION;
  const larger = (query.logSize - stored.logSize - Math.log(similarity.scale)) / LOG_SIZE_DEVIATION;
  const turned = turnBetween(query.angle - stored.angle, similarity.angle) / ANGLE_DEVIATION;
  return Math.exp(-(off ** 2 + larger ** 2 + turned ** 2) / 2);
}

/**
 * Null where the similarity is out of bounds, or what agrees weighs less than `least` for sure. Most proposals do, and most of
 * the work of an agreement is theirs.
 */
function supportOf(similarity: Similarity, pairs: readonly Pair[], least = 0): Support | null {
  const { scale, angle } = similarity;
  if (scale > MOST_SCALE || scale < 1 / MOST_SCALE) return null;
  const logScale = Math.log(scale);
  // As `moved` does, of all pairs by the same turn.
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const cells = new Uint8Array(CELLS * CELLS);
  const agreeing: Pair[] = [];
  let sum = 0;
  let left = weightOf(pairs);
  for (const pair of pairs) {
    if (sum + left < least - ROUNDING) return null;
    const { query, stored, weight } = pair;
    left -= weight;
    const x = cos * stored.x - sin * stored.y + similarity.x;
    const y = sin * stored.x + cos * stored.y + similarity.y;
    if ((x - query.x) ** 2 + (y - query.y) ** 2 > PLACE_TOLERANCE ** 2) continue;
    if (Math.abs(query.logSize - stored.logSize - logScale) > LOG_SIZE_TOLERANCE) continue;
    if (turnBetween(query.angle - stored.angle, angle) > ANGLE_TOLERANCE) continue;
    if (agreeing.some((other) => isOfSame(other, pair))) continue;
    const cell = Math.floor(stored.y * CELLS) * CELLS + Math.floor(stored.x * CELLS);
    if (cells[cell]! >= MOST_OF_CELL) continue;
    cells[cell]!++;
    agreeing.push(pair);
    sum += weight;
  }
  return { similarity, pairs: agreeing, weight: sum };
}

/** Whether two pairs share a keypoint: only one of them can be right. */
function isOfSame(one: Pair, other: Pair): boolean {
  return one.queryIndex === other.queryIndex || one.storedIndex === other.storedIndex;
}

import type { Agreement, Pair } from '#src/embedded/keypoints/agreement.js';
import {
  fittedSimilarity,
  moved,
  type Similarity,
  similarityOf,
  turnBetween,
} from '#src/embedded/keypoints/similarity.js';

/** Pairs within the tolerances of a similarity. */
interface Support {
  readonly similarity: Similarity;
  readonly pairs: readonly Pair[];
  readonly weight: number;
}

/** Fewer pairs may agree by chance. */
const LEAST_PAIRS = 3;
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

/**
 * The rule of bestAgreement, step by step: the similarity that most of the weight agrees on; null where too few pairs do. Each pair proposes one, and the best is
 * fitted to those who agree.
 *
 * @param pairs the heaviest first
 */
export function plainAgreement(pairs: readonly Pair[]): Agreement | null {
  let best: Support | null = null;
  for (const { query, stored } of pairs.slice(0, MOST_PROPOSALS)) {
    const proposed = supportOf(similarityOf(stored, query), pairs);
    if (proposed && proposed.weight > (best?.weight ?? 0)) best = proposed;
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

function supportOf(similarity: Similarity, pairs: readonly Pair[]): Support | null {
  const { scale, angle } = similarity;
  if (scale > MOST_SCALE || scale < 1 / MOST_SCALE) return null;
  const logScale = Math.log(scale);
  const queryTaken = new Set<number>();
  const storedTaken = new Set<number>();
  const cells = new Uint8Array(CELLS * CELLS);
  const agreeing: Pair[] = [];
  let sum = 0;
  for (const pair of pairs) {
    const { query, stored, queryIndex, storedIndex, weight } = pair;
    const { x, y } = moved(similarity, stored);
    if ((x - query.x) ** 2 + (y - query.y) ** 2 > PLACE_TOLERANCE ** 2) continue;
    if (Math.abs(query.logSize - stored.logSize - logScale) > LOG_SIZE_TOLERANCE) continue;
    if (turnBetween(query.angle - stored.angle, angle) > ANGLE_TOLERANCE) continue;
    if (queryTaken.has(queryIndex) || storedTaken.has(storedIndex)) continue;
    const cell = Math.floor(stored.y * CELLS) * CELLS + Math.floor(stored.x * CELLS);
    if (cells[cell]! >= MOST_OF_CELL) continue;
    cells[cell]!++;
    queryTaken.add(queryIndex);
    storedTaken.add(storedIndex);
    agreeing.push(pair);
    sum += weight;
  }
  return { similarity, pairs: agreeing, weight: sum };
}

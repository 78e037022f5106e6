import type { Box, SharedPart } from '../../services/visualsnoop.js';
import type { KeypointMatch } from './keypoint-index.js';
import type { Sides } from './keypoints.js';
import { inverse, moved, type Point } from './similarity.js';

/** How far around a keypoint its patch reaches, in sizes of it. */
const PATCH_REACH = 6;
/** Where the agreeing places fill so much of what both pictures could share, they share all of it. */
const FILLED = 0.25;

/** Which part of both pictures is the same, as far as their keypoints tell; null where they tell of no area. */
export function sharedPart(
  { similarity, pairs, mirrored }: KeypointMatch,
  query: Sides,
  match: Sides,
): SharedPart | null {
  const toMatch = inverse(similarity);
  const corners = cornersOf(query).map((corner) => moved(toMatch, corner));
  const common = clipped(corners, match);
  const seen = clipped(
    boxCorners(pairs.map(({ stored }) => ({ ...stored, reach: PATCH_REACH * Math.exp(stored.logSize) }))),
    match,
  );
  const isFilled = areaOf(seen) >= FILLED * areaOf(common);
  const inMatch = isFilled ? common : seen;
  const inQuery = clipped(
    inMatch.map((point) => moved(similarity, point)),
    query,
  ).map(({ x, y }) => ({ x: mirrored ? query.width - x : x, y }));
  if (inQuery.length === 0) return null;
  return {
    query: boxOf(inQuery, query),
    match: boxOf(inMatch, match),
    angle: degrees(similarity.angle),
    mirrored,
  };
}

function cornersOf({ width, height }: Sides): Point[] {
  return [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: width, y: height },
    { x: 0, y: height },
  ];
}

function boxCorners(places: readonly (Point & { reach: number })[]): Point[] {
  const left = Math.min(...places.map(({ x, reach }) => x - reach));
  const top = Math.min(...places.map(({ y, reach }) => y - reach));
  const right = Math.max(...places.map(({ x, reach }) => x + reach));
  const bottom = Math.max(...places.map(({ y, reach }) => y + reach));
  return cornersOf({ width: right - left, height: bottom - top }).map(({ x, y }) => ({
    x: x + left,
    y: y + top,
  }));
}

/** The part of a convex polygon that lies in the picture: one side of the picture after the other cuts it. */
function clipped(polygon: readonly Point[], { width, height }: Sides): Point[] {
  const cuts: ((point: Point) => number)[] = [
    ({ x }) => x,
    ({ x }) => width - x,
    ({ y }) => y,
    ({ y }) => height - y,
  ];
  return cuts.reduce<Point[]>(
    (left, inside) => left.flatMap((to, i) => cut(left.at(i - 1)!, to, inside)),
    [...polygon],
  );
}

/** What is left of an edge of a polygon: its end, or where it crosses, or both. */
function cut(from: Point, to: Point, inside: (point: Point) => number): Point[] {
  const [before, after] = [inside(from), inside(to)];
  if (before < 0 && after < 0) return [];
  if (before >= 0 && after >= 0) return [to];
  const share = before / (before - after);
  const crossing = { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
  return after >= 0 ? [crossing, to] : [crossing];
}

function areaOf(polygon: readonly Point[]): number {
  const twice = polygon.reduce((sum, { x, y }, i) => {
    const before = polygon.at(i - 1)!;
    return sum + before.x * y - x * before.y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** The box around a polygon, in shares of the picture's sides. */
function boxOf(polygon: readonly Point[], { width, height }: Sides): Box {
  const xs = polygon.map(({ x }) => x / width);
  const ys = polygon.map(({ y }) => y / height);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Above -180 up to 180. */
function degrees(angle: number): number {
  const turned = (angle * 180) / Math.PI;
  return turned - 360 * Math.ceil((turned - 180) / 360);
}

import type { Place } from './keypoints.js';

/** How one picture lies in another: turned, then scaled, then moved. Lengths are shares of each picture's longer side. */
export interface Similarity {
  readonly scale: number;
  /** In radians, clockwise. */
  readonly angle: number;
  readonly x: number;
  readonly y: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export function moved({ scale, angle, x, y }: Similarity, point: Point): Point {
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  return { x: cos * point.x - sin * point.y + x, y: sin * point.x + cos * point.y + y };
}

export function inverse({ scale, angle, x, y }: Similarity): Similarity {
  const back = { scale: 1 / scale, angle: -angle, x: 0, y: 0 };
  const origin = moved(back, { x, y });
  return { ...back, x: -origin.x, y: -origin.y };
}

/** The one similarity that moves `from` to `to`, as both have a size and an angle. */
export function similarityOf(from: Place, to: Place): Similarity {
  const turned = { scale: Math.exp(to.logSize - from.logSize), angle: to.angle - from.angle, x: 0, y: 0 };
  const { x, y } = moved(turned, from);
  return { ...turned, x: to.x - x, y: to.y - y };
}

/** The similarity that moves the first of each pair nearest to the second, by least squares; null for one place. */
export function fittedSimilarity(pairs: readonly (readonly [from: Point, to: Point])[]): Similarity | null {
  const mean = (side: 0 | 1, axis: 'x' | 'y') =>
    pairs.reduce((sum, pair) => sum + pair[side][axis], 0) / pairs.length;
  const [fromX, fromY, toX, toY] = [mean(0, 'x'), mean(0, 'y'), mean(1, 'x'), mean(1, 'y')];
  let along = 0;
  let across = 0;
  let spread = 0;
  for (const [from, to] of pairs) {
    const [fx, fy, tx, ty] = [from.x - fromX, from.y - fromY, to.x - toX, to.y - toY];
    along += fx * tx + fy * ty;
    across += fx * ty - fy * tx;
    spread += fx * fx + fy * fy;
  }
  if (spread < 1e-5) return null;
  const turned = { scale: Math.hypot(along, across) / spread, angle: Math.atan2(across, along), x: 0, y: 0 };
  const { x, y } = moved(turned, { x: fromX, y: fromY });
  return { ...turned, x: toX - x, y: toY - y };
}

/** The difference of two angles, 0 to π. */
export function turnBetween(a: number, b: number): number {
  const turn = Math.abs(a - b) % (2 * Math.PI);
  return turn > Math.PI ? 2 * Math.PI - turn : turn;
}

import { bytesOf } from '../web-assembly.js';
import type { Extremum } from './extrema.js';
import { KNOWN_ANGLES } from './known-angles.js';
import type { Planes } from './planes.js';

const BINS = 36;
/** The neighbourhood that counts: the standard deviation of its weights, in sizes of the keypoint. */
const REACH = 1.5;
/** Directions that are as strong as this share of the strongest count as well. */
const NEARLY_AS_STRONG = 0.8;
/** The largest keypoint reaches less far. */
const MOST_RADIUS = 30;
/** Columns of a row, and one more. */
const ROOM = 2 * MOST_RADIUS + 2;

/** Finds how keypoints are turned. */
export class Orientations {
  readonly #kernel: Planes['kernels']['directions'];
  readonly #bins: Float64Array;
  readonly #known: Float64Array;
  /** Weights, lengths and angles of a row. */
  readonly #room: Float64Array;

  static readonly bytes = [BINS, KNOWN_ANGLES.length, 3 * ROOM].reduce(
    (sum, length) => sum + bytesOf(Float64Array, length),
    0,
  );

  constructor(planes: Planes) {
    this.#kernel = planes.kernels.directions;
    this.#bins = planes.take(Float64Array, BINS);
    this.#known = planes.take(Float64Array, KNOWN_ANGLES.length);
    this.#known.set(KNOWN_ANGLES);
    this.#room = planes.take(Float64Array, 3 * ROOM);
  }

  /** The directions in which the tones around a place grow most, in radians; several where none is clearly the strongest. */
  orientationsOf(extremum: Extremum): number[] {
    this.#addUp(extremum);
    const histogram = smoothed(smoothed(this.#bins));
    let most = 0;
    for (const value of histogram) most = Math.max(most, value);
    const least = NEARLY_AS_STRONG * most;
    const found: number[] = [];
    for (let bin = 0; bin < BINS; bin++) {
      const value = histogram[bin]!;
      const before = histogram[(bin + BINS - 1) % BINS]!;
      const after = histogram[(bin + 1) % BINS]!;
      if (value <= 0 || value < least || value <= before || value < after) continue;
      const offset = (before - after) / (2 * (before - 2 * value + after));
      found.push(((bin + offset) * 2 * Math.PI) / BINS);
    }
    return found;
  }

  #addUp({ octave, scale, x, y, sigma }: Extremum): void {
    const { width, height } = octave;
    const spread = REACH * sigma;
    const radius = Math.round(3 * spread);
    const [middleX, middleY] = [Math.round(x), Math.round(y)];
    const [left, right] = [Math.max(1, middleX - radius), Math.min(width - 2, middleX + radius)];
    const [top, bottom] = [Math.max(1, middleY - radius), Math.min(height - 2, middleY + radius)];
    const plane = octave.blurred[scale]!.byteOffset;
    const falloff = 2 * spread * spread;
    this.#bins.fill(0);
    this.#kernel.addUpDirections(
      plane,
      width,
      left,
      right,
      top,
      bottom,
      x,
      y,
      falloff,
      this.#room.byteOffset,
      ROOM * Float64Array.BYTES_PER_ELEMENT,
      this.#known.byteOffset,
      this.#bins.byteOffset,
    );
  }
}

function smoothed(histogram: Float64Array): Float64Array {
  const result = new Float64Array(BINS);
  for (let bin = 0; bin < BINS; bin++) {
    const [before, after] = [histogram[(bin + BINS - 1) % BINS]!, histogram[(bin + 1) % BINS]!];
    result[bin] = (before + 2 * histogram[bin]! + after) / 4;
  }
  return result;
}

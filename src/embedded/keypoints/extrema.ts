import { bytesOf } from '../web-assembly.js';
import type { Planes } from './planes.js';
import { BASE_SIGMA, type Octave, SCALES } from './scale-space.js';

/** A place where a picture differs most from its surroundings, at the size at which it does. */
export interface Extremum {
  readonly octave: Octave;
  /** The blurred plane of the octave that is nearest to its size. */
  readonly scale: number;
  /** In pixels of the octave. */
  readonly x: number;
  readonly y: number;
  /** Its size: the blur at which it differs most, in pixels of the octave. */
  readonly sigma: number;
  /** By how much it differs, 0 to 1. */
  readonly contrast: number;
}

/** A lower contrast is noise. */
const LEAST_CONTRAST = 0.01 / SCALES;
/** A pixel of less has no neighbourhood of that contrast. In single precision, as differences are: rounded up, and so no less. */
const LEAST_DIFFERENCE = Math.fround(LEAST_CONTRAST / 2);
/** The greatest ratio of the curvatures along and across: a point on a line has no place of its own. */
const MOST_ELONGATED = 12;
const EDGE_LIMIT = (MOST_ELONGATED + 1) ** 2 / MOST_ELONGATED;
/** What is nearer to the edge has half of its surroundings outside. */
const MARGIN = 5;
const MOST_STEPS = 5;

/** Finds the extrema of octaves of up to so many pixels. */
export class ExtremaFinder {
  readonly #kernel: Planes['kernels']['extrema'];
  /** Of the pixels that the kernel finds. */
  readonly #addresses: Uint32Array;

  static bytes(pixels: number): number {
    return bytesOf(Uint32Array, pixels);
  }

  constructor(planes: Planes, pixels: number) {
    this.#kernel = planes.kernels.extrema;
    this.#addresses = planes.take(Uint32Array, pixels);
  }

  /** The extrema of an octave's differences over place and scale. */
  extremaOf(octave: Octave): Extremum[] {
    const { width } = octave;
    const found: Extremum[] = [];
    for (let scale = 1; scale <= SCALES; scale++)
      for (const pixel of this.pixelsOf(octave, scale)) {
        const extremum = refined(octave, scale, pixel % width, Math.floor(pixel / width));
        if (extremum) found.push(extremum);
      }
    return found;
  }

  /** The pixels of a difference that differ more than all around them, as indices. */
  pixelsOf({ width, height, differences }: Octave, scale: number): number[] {
    const [below, plane, above] = [-1, 0, 1].map((step) => differences[scale + step]!.byteOffset) as [
      number,
      number,
      number,
    ];
    const to = this.#addresses.byteOffset;
    const end = this.#kernel.extrema(below, plane, above, width, height, MARGIN, LEAST_DIFFERENCE, to);
    const found = this.#addresses.subarray(0, (end - to) / Uint32Array.BYTES_PER_ELEMENT);
    return Array.from(found, (address) => (address - plane) / Float32Array.BYTES_PER_ELEMENT);
  }
}

/** Finds the place between the pixels by a parabola; null where there is none nearby, or where it is no distinct one. */
function refined(octave: Octave, scale: number, x: number, y: number): Extremum | null {
  const { width, height } = octave;
  for (let step = 0; step < MOST_STEPS; step++) {
    const slope = slopes(octave, scale, y * width + x);
    const [dx, dy, ds] = vertex(slope);
    if (Math.abs(dx) < 0.5 && Math.abs(dy) < 0.5 && Math.abs(ds) < 0.5) {
      const contrast = Math.abs(slope.value + (slope.x * dx + slope.y * dy + slope.s * ds) / 2);
      if (contrast < LEAST_CONTRAST || isOnLine(slope)) return null;
      const sigma = BASE_SIGMA * 2 ** ((scale + ds) / SCALES);
      return { octave, scale, x: x + dx, y: y + dy, sigma, contrast };
    }
    scale += Math.round(ds);
    x += Math.round(dx);
    y += Math.round(dy);
    const isInside = x >= MARGIN && x < width - MARGIN && y >= MARGIN && y < height - MARGIN;
    if (!(isInside && scale >= 1 && scale <= SCALES)) return null;
  }
  return null;
}

/** The value, the first and the second derivatives at a pixel. */
interface Slopes {
  value: number;
  x: number;
  y: number;
  s: number;
  xx: number;
  yy: number;
  ss: number;
  xy: number;
  xs: number;
  ys: number;
}

function slopes({ width, differences }: Octave, scale: number, at: number): Slopes {
  const [below, plane, above] = [differences[scale - 1]!, differences[scale]!, differences[scale + 1]!];
  const value = plane[at]!;
  const [left, right, up, down] = [plane[at - 1]!, plane[at + 1]!, plane[at - width]!, plane[at + width]!];
  return {
    value,
    x: (right - left) / 2,
    y: (down - up) / 2,
    s: (above[at]! - below[at]!) / 2,
    xx: right + left - 2 * value,
    yy: down + up - 2 * value,
    ss: above[at]! + below[at]! - 2 * value,
    xy:
      (plane[at + width + 1]! - plane[at + width - 1]! - plane[at - width + 1]! + plane[at - width - 1]!) / 4,
    xs: (above[at + 1]! - above[at - 1]! - below[at + 1]! + below[at - 1]!) / 4,
    ys: (above[at + width]! - above[at - width]! - below[at + width]! + below[at - width]!) / 4,
  };
}

/** Where the parabola through the slopes has its vertex, by Cramer's rule; infinitely far where it has none. */
function vertex({ x, y, s, xx, yy, ss, xy, xs, ys }: Slopes): [x: number, y: number, s: number] {
  const [cofactorX, cofactorY, cofactorS] = [yy * ss - ys * ys, ys * xs - xy * ss, xy * ys - yy * xs];
  const determinant = xx * cofactorX + xy * cofactorY + xs * cofactorS;
  if (determinant === 0) return [Infinity, Infinity, Infinity];
  return [
    -(x * cofactorX + y * cofactorY + s * cofactorS) / determinant,
    -(x * cofactorY + y * (xx * ss - xs * xs) + s * (xy * xs - xx * ys)) / determinant,
    -(x * cofactorS + y * (xy * xs - xx * ys) + s * (xx * yy - xy * xy)) / determinant,
  ];
}

function isOnLine({ xx, yy, xy }: Slopes): boolean {
  const trace = xx + yy;
  const determinant = xx * yy - xy * xy;
  return determinant <= 0 || trace * trace >= EDGE_LIMIT * determinant;
}

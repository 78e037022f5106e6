import { bytesOf } from '../web-assembly.js';
import type { Plane, Planes } from './planes.js';

/** The largest blur that there is room for reaches so many pixels far. */
const MOST_RADIUS = 15;

/** Blurs planes of up to some size. */
export class Blur {
  readonly #kernel: Planes['kernels']['scaleSpace'];
  /** Blurred along the rows only. */
  readonly #between: Plane;
  /** A row with what is taken to lie beyond its ends. */
  readonly #row: Plane;
  readonly #weights: Float32Array;

  static bytes(width: number, height: number): number {
    const lengths = [width * height, width + 2 * MOST_RADIUS, MOST_RADIUS + 1];
    return lengths.reduce((sum, length) => sum + bytesOf(Float32Array, length), 0);
  }

  constructor(planes: Planes, width: number, height: number) {
    this.#kernel = planes.kernels.scaleSpace;
    this.#between = planes.take(Float32Array, width * height);
    this.#row = planes.take(Float32Array, width + 2 * MOST_RADIUS);
    this.#weights = planes.take(Float32Array, MOST_RADIUS + 1);
  }

  /** A Gaussian blur; beyond its edges the picture is as at the edge. */
  blur(from: Plane, to: Plane, width: number, height: number, sigma: number): void {
    const weights = gaussian(sigma);
    const radius = weights.length - 1;
    this.#weights.set(weights);
    const weightsAt = this.#weights.byteOffset;
    const between = this.#between.byteOffset;
    this.#kernel.blurRows(from.byteOffset, between, width, height, this.#row.byteOffset, weightsAt, radius);
    this.#kernel.blurColumns(between, to.byteOffset, width, height, weightsAt, radius);
  }
}

/** Half of a symmetric kernel, from its middle. */
function gaussian(sigma: number): Float32Array {
  const radius = Math.ceil(3.5 * sigma);
  const weights = Float32Array.from({ length: radius + 1 }, (_, x) =>
    Math.exp((-x * x) / (2 * sigma * sigma)),
  );
  let sum = -weights[0]!;
  for (const weight of weights) sum += 2 * weight;
  return weights.map((weight) => weight / sum);
}

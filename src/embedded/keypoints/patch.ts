import { bytesOf } from '../web-assembly.js';
import type { Extremum } from './extrema.js';
import { KNOWN_ANGLES } from './known-angles.js';
import type { Planes } from './planes.js';

/** Cells on each side of the patch around a keypoint. */
export const CELLS = 4;
/** Directions of gradients that each cell counts. */
export const DIRECTIONS = 8;
export const PATCH_VALUES = CELLS * CELLS * DIRECTIONS;

/** The side of a cell, in sizes of the keypoint. */
const CELL_SIZE = 3;
const SAMPLES_PER_CELL = 4;
/** Half a cell beyond the outer ones counts for them too. */
const SAMPLES = (CELLS + 1) * SAMPLES_PER_CELL;
/** One more on each side, for the gradients of the outer samples. */
const TONES = (SAMPLES + 2) ** 2;
/** No value is larger before the last scaling: a light edge of a shadow must not drown the rest. */
const MOST = 0.2;
/** The greatest square root of a share that is told apart. */
const FULL = 0.5;

/** What a sample adds to one cell. */
interface Share {
  readonly cell: number;
  readonly weight: number;
}

/** A share for the kernel: where its cell is, whether it is the last one of its sample, and its weight. */
const SHARE_BYTES = 16;

/** For each sample the cells around it, with the weight that falls off from the middle of the patch. */
const SHARES: readonly (readonly Share[])[] = Array.from({ length: SAMPLES * SAMPLES }, (_, index) => {
  const [u, v] = [index % SAMPLES, Math.floor(index / SAMPLES)].map(cellPlace) as [number, number];
  const middle = (CELLS - 1) / 2;
  const gaussian = Math.exp(-((u - middle) ** 2 + (v - middle) ** 2) / (2 * (CELLS / 2) ** 2));
  return Array.from({ length: CELLS * CELLS }, (_, cell) => {
    const near = (place: number, cellAt: number) => Math.max(0, 1 - Math.abs(place - cellAt));
    return { cell, weight: gaussian * near(u, cell % CELLS) * near(v, Math.floor(cell / CELLS)) };
  }).filter(({ weight }) => weight > 0);
});

/** The place of a sample in cells, 0 in the middle of the first one. */
function cellPlace(sample: number): number {
  return (sample + 0.5) / SAMPLES_PER_CELL - 1;
}

/** The shares of all samples, one after the other. */
const SHARE_TABLE = Buffer.concat(
  SHARES.map((shares) => {
    const bytes = Buffer.alloc(shares.length * SHARE_BYTES);
    for (const [i, { cell, weight }] of shares.entries()) {
      bytes.writeInt32LE(cell * DIRECTIONS * Float64Array.BYTES_PER_ELEMENT, i * SHARE_BYTES);
      bytes.writeInt32LE(i === shares.length - 1 ? 1 : 0, i * SHARE_BYTES + 4);
      bytes.writeDoubleLE(weight, i * SHARE_BYTES + 8);
    }
    return bytes;
  }),
);

/** Describes what is around keypoints. */
export class Patches {
  readonly #kernel: Planes['kernels']['patch'];
  readonly #tones: Float64Array;
  readonly #sums: Float64Array;
  readonly #known: Float64Array;
  /** What tones grow across, then what they grow down, at each sample. */
  readonly #room: Float64Array;
  readonly #shares: Uint8Array;
  readonly #roots: Uint8Array;

  static readonly bytes =
    [TONES, PATCH_VALUES, KNOWN_ANGLES.length, 2 * SHARES.length].reduce(
      (sum, length) => sum + bytesOf(Float64Array, length),
      0,
    ) +
    bytesOf(Uint8Array, PATCH_VALUES) +
    bytesOf(Uint8Array, SHARE_TABLE.length);

  constructor(planes: Planes) {
    this.#kernel = planes.kernels.patch;
    this.#tones = planes.take(Float64Array, TONES);
    this.#sums = planes.take(Float64Array, PATCH_VALUES);
    this.#known = planes.take(Float64Array, KNOWN_ANGLES.length);
    this.#known.set(KNOWN_ANGLES);
    this.#room = planes.take(Float64Array, 2 * SHARES.length);
    this.#roots = planes.take(Uint8Array, PATCH_VALUES);
    this.#shares = planes.take(Uint8Array, SHARE_TABLE.length);
    this.#shares.set(SHARE_TABLE);
  }

  /**
   * How tones grow around a keypoint, seen upright to its orientation: for each cell, row by row, how much there is of each
   * direction, as square roots of shares (RootSIFT), 0 to 255.
   */
  describe({ octave, scale, x, y, sigma }: Extremum, orientation: number): Uint8Array {
    const { width, height } = octave;
    const step = (CELL_SIZE * sigma) / SAMPLES_PER_CELL;
    const [cos, sin] = [step * Math.cos(orientation), step * Math.sin(orientation)];
    const [plane, tones] = [octave.blurred[scale]!.byteOffset, this.#tones.byteOffset];
    this.#kernel.sample(plane, width, width - 1.001, height - 1.001, x, y, cos, sin, tones);
    this.#sums.fill(0);
    const sums = this.#sums.byteOffset;
    const { byteOffset: room } = this.#room;
    this.#kernel.addUpPatch(tones, this.#shares.byteOffset, room, this.#known.byteOffset, sums);
    this.#kernel.roots(sums, MOST, FULL, this.#roots.byteOffset);
    return this.#roots.slice();
  }
}

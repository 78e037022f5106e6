import type { Frame } from '#src/embedded/picture/border.js';
import { FREQUENCIES, GRID_SIZE } from '#src/embedded/picture/grid-size.js';
import { RASTER_SIZE } from '#src/embedded/picture/raster.js';

/** Views of a raster, and what is in them, as they are defined: a tone at a time. */

const STRIDE = RASTER_SIZE + 1;
const HALF_SIZE = RASTER_SIZE / 2;

/** A raster prepared for sampling rectangles, upright or tilted, at any place. */
export class PlainSampler {
  /** integral[y * STRIDE + x]: the sum of all pixels above and left of the corner (x, y). */
  readonly #integral = new Float64Array(STRIDE * STRIDE);
  /** The raster at half its size, for tilted samples. */
  readonly #half = new Float64Array(HALF_SIZE * HALF_SIZE);

  constructor(luma: Uint8Array) {
    const integral = this.#integral;
    for (let y = 0; y < RASTER_SIZE; y++) {
      let row = 0;
      for (let x = 0; x < RASTER_SIZE; x++) {
        row += luma[y * RASTER_SIZE + x]!;
        integral[(y + 1) * STRIDE + x + 1] = integral[y * STRIDE + x + 1]! + row;
      }
    }
    for (let y = 0; y < HALF_SIZE; y++) {
      for (let x = 0; x < HALF_SIZE; x++) {
        const at = 2 * y * STRIDE + 2 * x;
        const two = 2 * STRIDE;
        this.#half[y * HALF_SIZE + x] =
          (integral[at + two + 2]! - integral[at + two]! - integral[at + 2]! + integral[at]!) / 4;
      }
    }
  }

  /** GRID_SIZE² mean tones over the frame, whose edges may lie between pixels. */
  upright(frame: Frame): Float64Array {
    const { left, top, right, bottom } = frame;
    const cellWidth = (right - left) / GRID_SIZE;
    const cellHeight = (bottom - top) / GRID_SIZE;
    const scale = 1 / (cellWidth * cellHeight);
    const grid = new Float64Array(GRID_SIZE * GRID_SIZE);
    let above = this.#cornersAt(top, left, cellWidth);
    for (let row = 0; row < GRID_SIZE; row++) {
      const below = this.#cornersAt(top + (row + 1) * cellHeight, left, cellWidth);
      for (let i = 0; i < GRID_SIZE; i++) {
        grid[row * GRID_SIZE + i] = (below[i + 1]! - below[i]! - above[i + 1]! + above[i]!) * scale;
      }
      above = below;
    }
    return grid;
  }

  /** The integral along one line of cell corners, between pixels interpolated. */
  #cornersAt(y: number, left: number, cellWidth: number): Float64Array {
    const integral = this.#integral;
    const corners = new Float64Array(GRID_SIZE + 1);
    const row = Math.min(Math.floor(y), RASTER_SIZE - 1);
    const down = y - row;
    for (let i = 0; i <= GRID_SIZE; i++) {
      const x = left + i * cellWidth;
      const column = Math.min(Math.floor(x), RASTER_SIZE - 1);
      const across = x - column;
      const at = row * STRIDE + column;
      const upper = integral[at]! + across * (integral[at + 1]! - integral[at]!);
      const lower = integral[at + STRIDE]! + across * (integral[at + STRIDE + 1]! - integral[at + STRIDE]!);
      corners[i] = upper + down * (lower - upper);
    }
    return corners;
  }

  /**
   * GRID_SIZE² tones over the frame turned about its centre, clockwise as the picture is seen.
   * @param degrees the angle
   * @param aspect width divided by height of the picture that was squeezed into the raster
   */
  tilted(frame: Frame, degrees: number, aspect: number): Float64Array {
    const angle = (degrees * Math.PI) / 180;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const centreX = (frame.left + frame.right) / 2;
    const centreY = (frame.top + frame.bottom) / 2;
    const width = frame.right - frame.left;
    const height = frame.bottom - frame.top;
    const grid = new Float64Array(GRID_SIZE * GRID_SIZE);
    for (let row = 0; row < GRID_SIZE; row++) {
      const y = ((row + 0.5) / GRID_SIZE - 0.5) * height;
      for (let column = 0; column < GRID_SIZE; column++) {
        const x = ((column + 0.5) / GRID_SIZE - 0.5) * width;
        grid[row * GRID_SIZE + column] = this.#toneAt(
          centreX + x * cos - (y * sin) / aspect,
          centreY + x * aspect * sin + y * cos,
        );
      }
    }
    return grid;
  }

  #toneAt(x: number, y: number): number {
    const half = this.#half;
    const last = HALF_SIZE - 1;
    const left = Math.min(Math.max(x / 2 - 0.5, 0), last - 1e-9);
    const top = Math.min(Math.max(y / 2 - 0.5, 0), last - 1e-9);
    const column = Math.floor(left);
    const row = Math.floor(top);
    const across = left - column;
    const down = top - row;
    const at = row * HALF_SIZE + column;
    const upper = half[at]! + across * (half[at + 1]! - half[at]!);
    const lower = half[at + HALF_SIZE]! + across * (half[at + HALF_SIZE + 1]! - half[at + HALF_SIZE]!);
    return upper + down * (lower - upper);
  }
}

const HALF = GRID_SIZE / 2;

/** COSINES[(frequency - 1) * HALF + sample], the left half of each orthonormal DCT-II row. */
const COSINES = Float64Array.from({ length: FREQUENCIES * HALF }, (_, index) => {
  const frequency = Math.floor(index / HALF) + 1;
  const sample = index % HALF;
  return Math.sqrt(2 / GRID_SIZE) * Math.cos(((2 * sample + 1) * frequency * Math.PI) / (2 * GRID_SIZE));
});

/**
 * The low frequencies of a GRID_SIZE² grid: result[(v - 1) * FREQUENCIES + (u - 1)] for u across and v down.
 * Even rows of the DCT are symmetric and odd ones antisymmetric, so each sum runs over half of the samples.
 */
export function plainFrequencies(grid: Float64Array): Float64Array {
  const across = new Float64Array(FREQUENCIES * GRID_SIZE);
  for (let row = 0; row < GRID_SIZE; row++) {
    transform(grid, row * GRID_SIZE, 1, across, row, GRID_SIZE);
  }
  const result = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (let u = 0; u < FREQUENCIES; u++) {
    transform(across, u * GRID_SIZE, 1, result, u, FREQUENCIES);
  }
  return result;
}

const sums = new Float64Array(HALF);
const differences = new Float64Array(HALF);

function transform(
  from: Float64Array,
  start: number,
  step: number,
  to: Float64Array,
  toStart: number,
  toStep: number,
): void {
  const last = start + (GRID_SIZE - 1) * step;
  for (let i = 0; i < HALF; i++) {
    const left = from[start + i * step]!;
    const right = from[last - i * step]!;
    sums[i] = left + right;
    differences[i] = left - right;
  }
  for (let k = 0; k < FREQUENCIES; k++) {
    // k = 0 is the frequency 1, which is antisymmetric.
    const folded = k % 2 === 0 ? differences : sums;
    let sum = 0;
    for (let i = 0; i < HALF; i++) sum += COSINES[k * HALF + i]! * folded[i]!;
    to[toStart + k * toStep] = sum;
  }
}

/** The participation ratio of the squared differences between neighbours, over 8×8 blocks. */
export function plainSpread(grid: Float64Array): number {
  const blocks = new Float64Array(64);
  const shift = Math.log2(GRID_SIZE / 8);
  for (let y = 0; y < GRID_SIZE - 1; y++) {
    for (let x = 0; x < GRID_SIZE - 1; x++) {
      const at = y * GRID_SIZE + x;
      const across = grid[at + 1]! - grid[at]!;
      const down = grid[at + GRID_SIZE]! - grid[at]!;
      blocks[8 * (y >> shift) + (x >> shift)]! += across * across + down * down;
    }
  }
  let sum = 0;
  let squares = 0;
  for (const energy of blocks) {
    sum += energy;
    squares += energy * energy;
  }
  return squares === 0 ? 0 : (sum * sum) / (64 * squares);
}

/** The energy of all that varies both across and down: rows and columns without their means. */
export function plainEnergy(grid: Float64Array): number {
  const rows = new Float64Array(GRID_SIZE);
  const columns = new Float64Array(GRID_SIZE);
  let energy = 0;
  let sum = 0;
  for (let y = 0; y < GRID_SIZE; y++) {
    for (let x = 0; x < GRID_SIZE; x++) {
      const tone = grid[y * GRID_SIZE + x]!;
      rows[y]! += tone;
      columns[x]! += tone;
      energy += tone * tone;
      sum += tone;
    }
  }
  const ofLines = (sums: Float64Array) => sums.reduce((total, each) => total + each * each, 0) / GRID_SIZE;
  return energy - ofLines(rows) - ofLines(columns) + (sum * sum) / (GRID_SIZE * GRID_SIZE);
}

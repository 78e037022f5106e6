import type { Frame } from './border.js';
import { GRID_SIZE } from './grid-size.js';
import { RASTER_SIZE } from './raster.js';
import { viewArrays, viewKernels } from './view-memory.js';

const STRIDE = RASTER_SIZE + 1;
const HALF_SIZE = RASTER_SIZE / 2;

/** The last place that has a neighbour to the right or below. */
const MOST_HALF = HALF_SIZE - 1 - 1e-9;

/** integral[y * STRIDE + x]: the sum of all pixels above and left of the corner (x, y). */
const { integral, half, columns, corners, grid } = viewArrays;

/**
 * A raster prepared for sampling rectangles, upright or tilted, at any place: the last one that was made, until the next
 * one. What it returns is the same array each time.
 */
export class Sampler {
  constructor(luma: Uint8Array) {
    integral.fill(0);
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
        half[y * HALF_SIZE + x] =
          (integral[at + two + 2]! - integral[at + two]! - integral[at + 2]! + integral[at]!) / 4;
      }
    }
  }

  /** GRID_SIZE² mean tones over the frame, whose edges may lie between pixels. */
  upright({ left, top, right, bottom }: Frame): Float64Array {
    const cellWidth = (right - left) / GRID_SIZE;
    const cellHeight = (bottom - top) / GRID_SIZE;
    viewKernels.upright(
      integral.byteOffset,
      left,
      top,
      cellWidth,
      cellHeight,
      1 / (cellWidth * cellHeight),
      columns.byteOffset,
      corners.byteOffset,
      grid.byteOffset,
    );
    return grid;
  }

  /**
   * GRID_SIZE² tones over the frame turned about its centre, clockwise as the picture is seen.
   * @param degrees the angle
   * @param aspect width divided by height of the picture that was squeezed into the raster
   */
  tilted({ left, top, right, bottom }: Frame, degrees: number, aspect: number): Float64Array {
    const angle = (degrees * Math.PI) / 180;
    viewKernels.tilted(
      half.byteOffset,
      (left + right) / 2,
      (top + bottom) / 2,
      right - left,
      bottom - top,
      Math.cos(angle),
      Math.sin(angle),
      aspect,
      MOST_HALF,
      grid.byteOffset,
    );
    return grid;
  }
}

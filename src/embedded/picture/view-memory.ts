import { bytesOf, compileKernel, KernelArrays } from '../web-assembly.js';
import { FREQUENCIES, GRID_SIZE } from './grid-size.js';
import { grid as gridKernel, sampling } from './kernels.js';
import { RASTER_SIZE } from './raster.js';

/** See sampling.wat; what is no number of pixels, cells or tones is an address. */
interface SamplingKernel {
  upright(
    integral: number,
    left: number,
    top: number,
    cellWidth: number,
    cellHeight: number,
    scale: number,
    columns: number,
    corners: number,
    grid: number,
  ): void;
  tilted(
    half: number,
    centreX: number,
    centreY: number,
    width: number,
    height: number,
    cos: number,
    sin: number,
    aspect: number,
    most: number,
    grid: number,
  ): void;
}

/** See grid.wat; all but `rows` and `step` are addresses. */
interface GridKernel {
  transform(from: number, rows: number, cosines: number, folded: number, to: number, step: number): void;
  edges(grid: number, blocks: number): void;
  totals(grid: number, sums: number): void;
}

/** The corners of a row of cells, two at a time. */
const CORNERS = GRID_SIZE + 2;
const LENGTHS = {
  /** See Sampler. */
  integral: (RASTER_SIZE + 1) ** 2,
  half: (RASTER_SIZE / 2) ** 2,
  /** A share and an offset of 32 bits for each corner. */
  columns: 1.5 * CORNERS,
  /** Of two rows. */
  corners: 2 * CORNERS,
  /** The tones that a view shows. */
  grid: GRID_SIZE * GRID_SIZE,
  /** See dct.ts. */
  cosines: (FREQUENCIES * GRID_SIZE) / 2,
  folded: GRID_SIZE,
  across: FREQUENCIES * GRID_SIZE,
  frequencies: FREQUENCIES * FREQUENCIES,
  /** See informative.ts. */
  blocks: 64,
  totals: 2 * GRID_SIZE + 2,
};

const arrays = new KernelArrays();
arrays.reset(Object.values(LENGTHS).reduce((sum, length) => sum + bytesOf(Float64Array, length), 0));

/** The arrays that looking at a raster takes, one view at a time. */
export const viewArrays = Object.fromEntries(
  Object.entries(LENGTHS).map(([name, length]) => [name, arrays.take(Float64Array, length)]),
) as Record<keyof typeof LENGTHS, Float64Array>;

const imports = { arena: { memory: arrays.memory } };
// The exports are what the .wat files declare.
export const viewKernels = {
  ...(compileKernel(sampling)(imports) as SamplingKernel),
  ...(compileKernel(gridKernel)(imports) as GridKernel),
};

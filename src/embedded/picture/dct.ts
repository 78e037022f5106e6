import { FREQUENCIES, GRID_SIZE } from './grid-size.js';
import { viewArrays, viewKernels } from './view-memory.js';

const BYTES = Float64Array.BYTES_PER_ELEMENT;
const { cosines, folded, across, frequencies } = viewArrays;

/** The left half of the row of a frequency in the orthonormal DCT-II. */
function cosineOf(frequency: number, sample: number): number {
  return Math.sqrt(2 / GRID_SIZE) * Math.cos(((2 * sample + 1) * frequency * Math.PI) / (2 * GRID_SIZE));
}

for (let at = 0; at < cosines.length; at++) {
  const [sample, place] = [Math.floor(at / FREQUENCIES), at % FREQUENCIES];
  // Those of odd frequencies, then those of even ones.
  const odd = 2 * place + 1;
  cosines[at] = cosineOf(odd < FREQUENCIES ? odd : odd - FREQUENCIES + 1, sample);
}

/**
 * The low frequencies of a grid: result[(v - 1) * FREQUENCIES + (u - 1)] for u across and v down.
 * Even rows of the DCT are symmetric and odd ones antisymmetric, so each sum runs over half of the samples.
 *
 * @param grid of viewArrays
 * @returns an array that the next call writes to
 */
export function lowFrequencies(grid: Float64Array): Float64Array {
  const transform = (from: Float64Array, rows: number, to: Float64Array) =>
    viewKernels.transform(
      from.byteOffset,
      rows,
      cosines.byteOffset,
      folded.byteOffset,
      to.byteOffset,
      rows * BYTES,
    );
  transform(grid, GRID_SIZE, across);
  transform(across, FREQUENCIES, frequencies);
  return frequencies;
}

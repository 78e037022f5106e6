/** Samples on each side of the square that is transformed. */
export const GRID_SIZE = 64;
/** Frequencies 1 to FREQUENCIES are kept on each axis; the constant terms say nothing about shapes. */
export const FREQUENCIES = 16;

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
export function lowFrequencies(grid: Float64Array): Float64Array {
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

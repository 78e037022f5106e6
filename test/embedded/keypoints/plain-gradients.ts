import type { Extremum } from '#src/embedded/keypoints/extrema.js';

/** What is around a keypoint as it is defined, a place at a time. */

const BINS = 36;
/** The neighbourhood that counts: the standard deviation of its weights, in sizes of the keypoint. */
const REACH = 1.5;
/** Directions that are as strong as this share of the strongest count as well. */
const NEARLY_AS_STRONG = 0.8;

/** The directions in which the tones around a place grow most, in radians; several where none is clearly the strongest. */
export function plainOrientations(extremum: Extremum): number[] {
  const histogram = smoothed(smoothed(gradientHistogram(extremum)));
  const least = NEARLY_AS_STRONG * Math.max(...histogram);
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

function gradientHistogram({ octave, scale, x, y, sigma }: Extremum): Float64Array {
  const { width, height } = octave;
  const plane = octave.blurred[scale]!;
  const spread = REACH * sigma;
  const radius = Math.round(3 * spread);
  const [middleX, middleY] = [Math.round(x), Math.round(y)];
  const histogram = new Float64Array(BINS);
  for (let row = Math.max(1, middleY - radius); row <= Math.min(height - 2, middleY + radius); row++) {
    for (
      let column = Math.max(1, middleX - radius);
      column <= Math.min(width - 2, middleX + radius);
      column++
    ) {
      const at = row * width + column;
      const dx = plane[at + 1]! - plane[at - 1]!;
      const dy = plane[at + width]! - plane[at - width]!;
      const distance = (row - y) ** 2 + (column - x) ** 2;
      const weight = Math.exp(-distance / (2 * spread * spread)) * Math.sqrt(dx * dx + dy * dy);
      const bin = (Math.atan2(dy, dx) * BINS) / (2 * Math.PI) + BINS;
      const low = Math.floor(bin);
      histogram[low % BINS]! += weight * (1 - (bin - low));
      histogram[(low + 1) % BINS]! += weight * (bin - low);
    }
  }
  return histogram;
}

function smoothed(histogram: Float64Array): Float64Array {
  return histogram.map(
    (value, bin) => (histogram[(bin + BINS - 1) % BINS]! + 2 * value + histogram[(bin + 1) % BINS]!) / 4,
  );
}

/** Cells on each side of the patch around a keypoint. */
const CELLS = 4;
/** Directions of gradients that each cell counts. */
const DIRECTIONS = 8;
const PATCH_VALUES = CELLS * CELLS * DIRECTIONS;

/** The side of a cell, in sizes of the keypoint. */
const CELL_SIZE = 3;
const SAMPLES_PER_CELL = 4;
/** Half a cell beyond the outer ones counts for them too. */
const SAMPLES = (CELLS + 1) * SAMPLES_PER_CELL;
/** No value is larger before the last scaling: a light edge of a shadow must not drown the rest. */
const MOST = 0.2;
/** The greatest square root of a share that is told apart. */
const FULL = 0.5;

/** What a sample adds to one cell. */
interface Share {
  readonly cell: number;
  readonly weight: number;
}

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

/**
 * How tones grow around a keypoint, seen upright to its orientation: for each cell, row by row, how much there is of each
 * direction, as square roots of shares (RootSIFT), 0 to 255.
 */
export function plainPatch(extremum: Extremum, orientation: number): Uint8Array {
  const tones = sampled(extremum, orientation);
  const sums = new Float64Array(PATCH_VALUES);
  const row = SAMPLES + 2;
  for (let v = 0, sample = 0; v < SAMPLES; v++) {
    for (let u = 0; u < SAMPLES; u++, sample++) {
      const at = (v + 1) * row + u + 1;
      const du = tones[at + 1]! - tones[at - 1]!;
      const dv = tones[at + row]! - tones[at - row]!;
      const direction = (Math.atan2(dv, du) * DIRECTIONS) / (2 * Math.PI) + DIRECTIONS;
      const low = Math.floor(direction);
      const above = direction - low;
      const magnitude = Math.sqrt(du * du + dv * dv);
      for (const { cell, weight } of SHARES[sample]!) {
        const value = magnitude * weight;
        sums[cell * DIRECTIONS + (low % DIRECTIONS)]! += value * (1 - above);
        sums[cell * DIRECTIONS + ((low + 1) % DIRECTIONS)]! += value * above;
      }
    }
  }
  return rootShares(sums);
}

/** The tones at the samples and one beyond on each side, between the pixels where need be. */
function sampled({ octave, scale, x, y, sigma }: Extremum, orientation: number): Float64Array {
  const { width, height } = octave;
  const plane = octave.blurred[scale]!;
  const step = (CELL_SIZE * sigma) / SAMPLES_PER_CELL;
  const [cos, sin] = [step * Math.cos(orientation), step * Math.sin(orientation)];
  const tones = new Float64Array((SAMPLES + 2) ** 2);
  const middle = (SAMPLES + 1) / 2;
  let at = 0;
  for (let v = -middle; v <= middle; v++) {
    for (let u = -middle; u <= middle; u++) {
      const px = Math.min(width - 1.001, Math.max(0, x + u * cos - v * sin));
      const py = Math.min(height - 1.001, Math.max(0, y + u * sin + v * cos));
      const [left, top] = [Math.floor(px), Math.floor(py)];
      const [right, down] = [px - left, py - top];
      const pixel = top * width + left;
      const upper = plane[pixel]! + right * (plane[pixel + 1]! - plane[pixel]!);
      const lower = plane[pixel + width]! + right * (plane[pixel + width + 1]! - plane[pixel + width]!);
      tones[at++] = upper + down * (lower - upper);
    }
  }
  return tones;
}

function rootShares(sums: Float64Array): Uint8Array {
  let squares = 0;
  for (const value of sums) squares += value * value;
  const most = MOST * Math.sqrt(squares);
  let total = 0;
  for (const value of sums) total += Math.min(value, most);
  const roots = new Uint8Array(PATCH_VALUES);
  if (total === 0) return roots;
  for (let i = 0; i < roots.length; i++) {
    const root = Math.sqrt(Math.min(sums[i]!, most) / total);
    roots[i] = Math.min(255, Math.round((root * 255) / FULL));
  }
  return roots;
}

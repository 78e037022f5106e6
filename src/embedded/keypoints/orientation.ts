import type { Extremum } from './extrema.js';

const BINS = 36;
/** The neighbourhood that counts: the standard deviation of its weights, in sizes of the keypoint. */
const REACH = 1.5;
/** Directions that are as strong as this share of the strongest count as well. */
const NEARLY_AS_STRONG = 0.8;

/** The directions in which the tones around a place grow most, in radians; several where none is clearly the strongest. */
export function orientationsOf(extremum: Extremum): number[] {
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

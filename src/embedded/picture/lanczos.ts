/** Pillow's weights for 8-bit samples are whole numbers of 2^-22. */
const PRECISION_BITS = 22;

/** A sum of weighted samples starts with it, so that cutting the fraction off rounds. */
export const HALF = 1 << (PRECISION_BITS - 1);

/** One sample of the output: the weighted sum of the input from `first` on, in units of 2^-22. */
export interface Window {
  first: number;
  /** Whole numbers of up to 22 bits and a sign. */
  weights: Float64Array;
}

const LOBES = 3;

/** Pictures of one camera have one size: the windows of the last one stay, for each number of samples they were made for. */
const kept = new Map<number, { inSize: number; windows: Window[] }>();
/** Those of a longer side are made anew each time: some 2 MB at most are kept for a hash, across and down. */
const KEPT_SIZE = 20_000;

/**
 * The windows that resize `inSize` samples to `outSize` with the Lanczos filter,
 * equal to those of Pillow's resize to the last bit.
 */
export function lanczosWindows(inSize: number, outSize: number): readonly Window[] {
  const last = kept.get(outSize);
  if (last?.inSize === inSize) return last.windows;
  const windows = makeWindows(inSize, outSize);
  if (inSize <= KEPT_SIZE) kept.set(outSize, { inSize, windows });
  return windows;
}

function makeWindows(inSize: number, outSize: number): Window[] {
  const scale = inSize / outSize;
  const filterScale = Math.max(scale, 1);
  const support = LOBES * filterScale;
  return Array.from({ length: outSize }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), inSize);
    const weights = new Float64Array(end - first);
    let sum = 0;
    for (let i = 0; i < weights.length; i++) {
      weights[i] = lanczos((i + first - centre + 0.5) / filterScale);
      sum += weights[i]!;
    }
    for (let i = 0; i < weights.length; i++) weights[i] = fixedPoint(weights[i]! / sum);
    return { first, weights };
  });
}

/** Cuts a sum to a sample, clipped to 0 and 255. */
export function toSample(sum: number): number {
  return Math.min(Math.max(sum >> PRECISION_BITS, 0), 255);
}

function lanczos(x: number): number {
  return x >= -LOBES && x < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

/** Rounds half away from zero. */
function fixedPoint(weight: number): number {
  const scaled = weight * (1 << PRECISION_BITS);
  return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

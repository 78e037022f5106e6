import { GRID_SIZE } from './grid-size.js';
import { viewArrays, viewKernels } from './view-memory.js';

const { blocks, totals } = viewArrays;
/** The sums of the rows and those of the columns; the sum of all squares and that of all tones follow. */
const rows = totals.subarray(0, GRID_SIZE);
const columns = totals.subarray(GRID_SIZE, 2 * GRID_SIZE);

/** No view with a discount this high is ever compared. */
export const USELESS = 255;

/**
 * The median size of the low frequencies (in tones of 0..255, orthonormal) below which the signs are mostly rounding
 * and compression: flat pictures and smooth gradients.
 */
const LEAST_STRENGTH = 2.5;
/** From this strength on a view is as good as any other. */
const FULL_STRENGTH = 4;
/** Bits of threshold lost by each halving of the strength. */
const DISCOUNT_PER_STRENGTH_OCTAVE = 12;

/** The spread below which one small thing on a plain ground decides every sign. */
const LEAST_SPREAD = 0.05;
const FULL_SPREAD = 0.25;
const DISCOUNT_PER_SPREAD_OCTAVE = 14;

/**
 * The share of the low frequencies below which most of what varies is finer than the hash can tell: codes, small text.
 * What is left for the hash is what all pictures of the kind have in common.
 */
const FULL_SHARE = 0.5;
const DISCOUNT_PER_SHARE_OCTAVE = 40;
/** So much at most: the same code, scaled or compressed again, is still found. */
const MOST_SHARE_DISCOUNT = 25;

/** How much a view's hash says about the picture. */
export interface Information {
  /** The median size of the low frequencies. */
  readonly strength: number;
  /** The share of the view that its edges are spread over: 1 everywhere, 1/64 in one place. */
  readonly spread: number;
  /** Of the energy of all frequencies that vary both across and down, the share of the low ones. */
  readonly share: number;
}

/**
 * @param grid of viewArrays
 * @param coefficients see lowFrequencies()
 */
export function informationIn(grid: Float64Array, coefficients: Float64Array): Information {
  const sizes = coefficients.map(Math.abs).sort();
  const low = coefficients.reduce((sum, coefficient) => sum + coefficient * coefficient, 0);
  return {
    strength: sizes[sizes.length >> 1]!,
    spread: spreadOfEdges(grid),
    share: low / Math.max(low, energyOf(grid)),
  };
}

/**
 * How many bits nearer another hash must be because this one is easy to come near, USELESS when it means nothing.
 * Fitted with the thresholds: see bench/quality/NOTES.md.
 */
export function discountFor({ strength, spread, share }: Information): number {
  if (strength < LEAST_STRENGTH || spread < LEAST_SPREAD) return USELESS;
  const forStrength = DISCOUNT_PER_STRENGTH_OCTAVE * Math.max(0, Math.log2(FULL_STRENGTH / strength));
  const forSpread = DISCOUNT_PER_SPREAD_OCTAVE * Math.max(0, Math.log2(FULL_SPREAD / spread));
  const forShare = DISCOUNT_PER_SHARE_OCTAVE * Math.max(0, Math.log2(FULL_SHARE / share));
  return Math.round(forStrength + forSpread + Math.min(forShare, MOST_SHARE_DISCOUNT));
}

/** Close to the limits of what a hash can tell apart: an edited copy may lie beyond them. */
export function isPlain({ strength, spread }: Information): boolean {
  return strength < 3 * LEAST_STRENGTH || spread < 2 * LEAST_SPREAD;
}

/** The participation ratio of the squared differences between neighbours, over 8×8 blocks. */
function spreadOfEdges(grid: Float64Array): number {
  viewKernels.edges(grid.byteOffset, blocks.byteOffset);
  let sum = 0;
  let squares = 0;
  for (const energy of blocks) {
    sum += energy;
    squares += energy * energy;
  }
  return squares === 0 ? 0 : (sum * sum) / (64 * squares);
}

/** The energy of all that varies both across and down: rows and columns without their means. */
function energyOf(grid: Float64Array): number {
  viewKernels.totals(grid.byteOffset, totals.byteOffset);
  const [energy, sum] = [totals[2 * GRID_SIZE]!, totals[2 * GRID_SIZE + 1]!];
  const ofLines = (sums: Float64Array) => sums.reduce((total, each) => total + each * each, 0) / GRID_SIZE;
  return energy - ofLines(rows) - ofLines(columns) + (sum * sum) / (GRID_SIZE * GRID_SIZE);
}

import { GRID_SIZE } from './dct.js';

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

/** How much a view's hash says about the picture. */
export interface Information {
  /** The median size of the low frequencies. */
  readonly strength: number;
  /** The share of the view that its edges are spread over: 1 everywhere, 1/64 in one place. */
  readonly spread: number;
}

export function informationIn(grid: Float64Array, coefficients: Float64Array): Information {
  const sizes = coefficients.map(Math.abs).sort();
  return { strength: sizes[sizes.length >> 1]!, spread: spreadOfEdges(grid) };
}

/**
 * How many bits nearer another hash must be because this one is easy to come near, USELESS when it means nothing.
 * Fitted with the thresholds: see bench/quality/NOTES.md.
 */
export function discountFor({ strength, spread }: Information): number {
  if (strength < LEAST_STRENGTH || spread < LEAST_SPREAD) return USELESS;
  const forStrength = DISCOUNT_PER_STRENGTH_OCTAVE * Math.max(0, Math.log2(FULL_STRENGTH / strength));
  const forSpread = DISCOUNT_PER_SPREAD_OCTAVE * Math.max(0, Math.log2(FULL_SPREAD / spread));
  return Math.round(forStrength + forSpread);
}

/** Close to the limits of what a hash can tell apart: an edited copy may lie beyond them. */
export function isPlain({ strength, spread }: Information): boolean {
  return strength < 3 * LEAST_STRENGTH || spread < 2 * LEAST_SPREAD;
}

/** The participation ratio of the squared differences between neighbours, over 8×8 blocks. */
function spreadOfEdges(grid: Float64Array): number {
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

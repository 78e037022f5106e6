import { BASIS, OFFSETS } from './basis.js';
import { PATCH_VALUES } from './patch.js';

/** Bits of a code. */
export const CODE_BITS = 64;
/** The first bits of a code decide its place in an index. */
export const PLACE_BITS = 22;
/** Of them, so many may differ where two patches are alike: the least certain ones of the one that is looked for. */
export const WEAK_BITS = 6;

/** A patch in short: each bit says on which side of a plane it lies. */
export interface Code {
  /** Bits 0 to 31. */
  readonly low: number;
  /** Bits 32 to 63. */
  readonly high: number;
  /** Which of the first PLACE_BITS lie nearest to their planes, the nearest first. */
  readonly weak: readonly number[];
}

const WEIGHTS = new Int8Array(Buffer.from(BASIS, 'base64'));

/** How far a patch is from each of the planes: whole numbers, so that it has the same code everywhere. */
export function distancesOf(patch: Uint8Array): Int32Array {
  const sums = new Int32Array(CODE_BITS);
  for (let bit = 0; bit < CODE_BITS; bit++) {
    let sum = -OFFSETS[bit]!;
    for (let i = 0, at = bit * PATCH_VALUES; i < PATCH_VALUES; i++) sum += WEIGHTS[at + i]! * patch[i]!;
    sums[bit] = sum;
  }
  return sums;
}

export function codeOf(patch: Uint8Array): Code {
  const sums = distancesOf(patch);
  const half = (from: number) => {
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) if (sums[from + bit]! > 0) bits |= 1 << bit;
    return bits >>> 0;
  };
  const weak = Array.from({ length: PLACE_BITS }, (_, bit) => bit)
    .sort((a, b) => Math.abs(sums[a]!) - Math.abs(sums[b]!) || a - b)
    .slice(0, WEAK_BITS);
  return { low: half(0), high: half(32), weak };
}

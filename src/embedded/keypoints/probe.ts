import { PLACE_BITS, WEAK_BITS } from './codes.js';
import type { Keypoints } from './keypoints.js';
import { MIRRORED_HIGH, MIRRORED_LOW } from './mirror.js';

/** Codes of alike patches differ in no more bits. */
export const MOST_DISTANCE = 14;

/**
 * A code that is looked for. Another one is alike when it agrees in the strict bits and differs in MOST_DISTANCE bits at
 * most.
 */
export interface Probe {
  readonly low: number;
  readonly high: number;
  /** Bits of the lower half: the first PLACE_BITS but for the weak ones. */
  readonly strict: number;
}

/** Of all keypoints of a picture, or of its mirror image. */
export function probesOf({ count, low, high, weak }: Keypoints, mirrored: boolean): Probe[] {
  const [turnLow, turnHigh] = mirrored ? [MIRRORED_LOW, MIRRORED_HIGH] : [0, 0];
  return Array.from({ length: count }, (_, i) => ({
    low: (low[i]! ^ turnLow) >>> 0,
    high: (high[i]! ^ turnHigh) >>> 0,
    strict: strictBits(weak, i * WEAK_BITS),
  }));
}

function strictBits(weak: Uint8Array, first: number): number {
  let strict = 2 ** PLACE_BITS - 1;
  for (let i = first; i < first + WEAK_BITS; i++) strict &= ~(1 << weak[i]!);
  return strict;
}

/** Which of the codes that are alike to a probe is the nearest, the first one where several are; null where none is. */
export function nearestOf(
  { low, high, strict }: Probe,
  codes: Keypoints,
  count: number,
): { index: number; distance: number } | null {
  let index = -1;
  let nearest = MOST_DISTANCE + 1;
  for (let i = 0; i < count; i++) {
    const difference = codes.low[i]! ^ low;
    if ((difference & strict) !== 0) continue;
    const distance = ones(difference) + ones(codes.high[i]! ^ high);
    if (distance < nearest) [index, nearest] = [i, distance];
  }
  return index < 0 ? null : { index, distance: nearest };
}

function ones(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

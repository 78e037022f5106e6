import { MIRRORED_BITS } from './basis.js';
import { CODE_BITS } from './codes.js';
import type { Place } from './keypoints.js';

function maskOf(bits: readonly number[], from: number): number {
  return (
    bits.reduce((mask, bit) => (bit >= from && bit < from + 32 ? mask | (1 << (bit - from)) : mask), 0) >>> 0
  );
}

/** The bits of a code that are negated where the picture is mirrored. */
export const MIRRORED_LOW = maskOf(MIRRORED_BITS, 0);
export const MIRRORED_HIGH = maskOf(MIRRORED_BITS, CODE_BITS / 2);

/** The same place in the picture mirrored left to right. */
export function mirroredPlace({ x, y, logSize, angle }: Place, width: number): Place {
  return { x: width - x, y, logSize, angle: Math.PI - angle };
}

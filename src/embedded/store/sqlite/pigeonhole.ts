import { bitCount, type HashChunks } from '../../../services/hamming-distance.js';

/** For each of the four chunks the values to look for in it. */
export type ProbeValues = readonly [
  readonly number[],
  readonly number[],
  readonly number[],
  readonly number[],
];

/**
 * The probes that together hit every hash within the radius of the query.
 *
 * Let radius = 4s + a, with a from 0 to 3. A hash that differs from the query by more than s bits in each of the
 * chunks 0 to a, and by more than s - 1 in each of the others, differs by (a + 1)(s + 1) + (3 - a)s = radius + 1 bits
 * at least. So whatever is within the radius has a chunk 0 to a within s of the query's, or another within s - 1.
 *
 * @param radius 0 to 64
 */
export function probeValues(query: HashChunks, radius: number): ProbeValues {
  const last = radius % 4;
  const distance = (radius - last) / 4;
  const values = (chunk: 0 | 1 | 2 | 3) =>
    masksWithin(chunk <= last ? distance : distance - 1).map((mask) => query[chunk] ^ mask);
  return [values(0), values(1), values(2), values(3)];
}

const masks = new Map<number, readonly number[]>();

/** All 16-bit numbers with at most that many bits set. */
function masksWithin(bits: number): readonly number[] {
  let within = masks.get(bits);
  if (!within) {
    within = Array.from({ length: 0x10000 }, (_, mask) => mask).filter((mask) => bitCount(mask) <= bits);
    masks.set(bits, within);
  }
  return within;
}

import type { HashChunks } from '../../services/hamming-distance.js';

/** For each of the four chunks the values to look for in it. */
export type ChunkValues = readonly [
  readonly number[],
  readonly number[],
  readonly number[],
  readonly number[],
];

/** For each of the two halves, 32 bits each, the values to look for in it. */
export type HalfValues = readonly [readonly number[], readonly number[]];

/**
 * The probes of chunks that together hit every hash within the radius of the query. They are few, and hit more the more
 * hashes there are.
 *
 * @param radius 0 to 64
 */
export function chunkValues(query: HashChunks, radius: number): ChunkValues {
  const values = (chunk: 0 | 1 | 2 | 3) =>
    masksWithin(distanceIn(chunk, 4, radius), 16).map((mask) => query[chunk] ^ mask);
  return [values(0), values(1), values(2), values(3)];
}

/**
 * The same by halves: hundreds of probes at radius 4, which hit hardly more than what is within the radius.
 *
 * @param radius 0 to 5: beyond it there are thousands
 */
export function halfValues([chunk0, chunk1, chunk2, chunk3]: HashChunks, radius: number): HalfValues {
  const values = (half: number, index: number) =>
    masksWithin(distanceIn(index, 2, radius), 32).map((mask) => (half ^ mask) >>> 0);
  return [values((chunk0 << 16) | chunk1, 0), values((chunk2 << 16) | chunk3, 1)];
}

/**
 * How far a part of a hash may be from that part of the query; -1 when it need not be looked at.
 *
 * With n parts, let radius = ns + a, with a from 0 to n - 1. A hash that differs from the query by more than s bits in
 * each of the parts 0 to a, and by more than s - 1 in each of the others, differs by (a + 1)(s + 1) + (n - 1 - a)s =
 * radius + 1 bits at least. So whatever is within the radius has a part 0 to a within s of the query's, or another within
 * s - 1.
 */
function distanceIn(part: number, parts: number, radius: number): number {
  const last = radius % parts;
  const distance = (radius - last) / parts;
  return part <= last ? distance : distance - 1;
}

const masks = new Map<string, readonly number[]>();

/** All numbers of so many bits of which at most `set` are set. */
function masksWithin(set: number, width: number): readonly number[] {
  const key = `${set} ${width}`;
  let within = masks.get(key);
  if (!within) {
    within = set < 0 ? [] : [...masksBelow(width, set)];
    masks.set(key, within);
  }
  return within;
}

function* masksBelow(width: number, set: number): Generator<number> {
  yield 0;
  if (set === 0) return;
  for (let bit = 0; bit < width; bit++) for (const mask of masksBelow(bit, set - 1)) yield mask | (1 << bit);
}

/** A 64-bit hash as four unsigned 16-bit numbers, the most significant first. */
export type HashChunks = readonly [number, number, number, number];

/** @param hex 16 hex digits */
export function hashChunks(hex: string): HashChunks {
  const chunk = (index: number) => Number.parseInt(hex.slice(4 * index, 4 * index + 4), 16);
  return [chunk(0), chunk(1), chunk(2), chunk(3)];
}

/** @returns 16 lower-case hex digits */
export function hashHex(chunks: HashChunks): string {
  return chunks.map((chunk) => chunk.toString(16).padStart(4, '0')).join('');
}

/** How many bits of a 32-bit number are set: sums of 2, 4, 8 and then all bits side by side in one register. */
export function bitCount(value: number): number {
  const pairs = value - ((value >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  const bytes = (nibbles + (nibbles >>> 4)) & 0x0f0f0f0f;
  return Math.imul(bytes, 0x01010101) >>> 24;
}

/** In how many of the 64 bits two hashes differ. */
export function hammingDistance(a: HashChunks, b: HashChunks): number {
  return bitCount(((a[0] ^ b[0]) << 16) | (a[1] ^ b[1])) + bitCount(((a[2] ^ b[2]) << 16) | (a[3] ^ b[3]));
}

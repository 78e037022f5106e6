import { isHex } from './hex.js';

/** Whether a text has the form of a 64-bit perceptual hash: 16 lower-case hex digits. */
export function isPerceptualHash(text: string): boolean {
  return isHex(text, 16);
}

/** A 64-bit perceptual hash as four unsigned 16-bit numbers, the most significant first. */
export type HashChunks = readonly [number, number, number, number];

/** Reads a hash of 16 hex digits. */
export function hashChunks(hex: string): HashChunks {
  return [chunkAt(hex, 0), chunkAt(hex, 4), chunkAt(hex, 8), chunkAt(hex, 12)];
}

/** The number of four hex digits. A remote imgcache sends hashes by the ten thousand, and parseInt takes 8 times as long. */
function chunkAt(hex: string, at: number): number {
  let chunk = 0;
  for (let i = at; i < at + 4; i++) chunk = (chunk << 4) | digitOf(hex.charCodeAt(i));
  return chunk;
}

/** The value of a hex digit by its code: those of 0 to 9 end in the digit, those of A to F and a to f, from 64 on, in 1 to 6. */
function digitOf(code: number): number {
  return (code & 15) + 9 * (code >> 6);
}

/** A hash as 16 lower-case hex digits. */
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

/** The number of bits, 0 to 64, in which two hashes differ. */
export function hammingDistance(a: HashChunks, b: HashChunks): number {
  return bitCount(((a[0] ^ b[0]) << 16) | (a[1] ^ b[1])) + bitCount(((a[2] ^ b[2]) << 16) | (a[3] ^ b[3]));
}

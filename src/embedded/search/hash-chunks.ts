import { HASH_BYTES } from '../picture/dct-hash.js';

/**
 * A hash is cut into chunks of CHUNK_BITS, each within one class, the lowest frequencies of the class first. Two hashes
 * of one picture nearly always agree in some chunk, two others hardly ever: that is what an index looks up.
 */
export const CHUNK_BITS = 16;
/** Of each class all but its last chunk: where the highest frequencies agree, others do too. */
export const CHUNKS: readonly number[] = [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14];
/** Flips negate classes 0 to 2 as a whole, and so the chunks before this one. */
export const FIRST_UNFLIPPED_CHUNK = 12;

const CLASS_BITS = 64;

/** Where each bit of a hash stands in its chunks: by its class, then by its frequencies (see signHash). */
const PLACES = new Uint8Array(8 * HASH_BYTES);
for (let part = 0; part < 4; part++) {
  const bits = Array.from({ length: CLASS_BITS }, (_, bit) => ({ bit, u: bit % 8, v: Math.floor(bit / 8) }));
  const frequency = ({ u, v }: { u: number; v: number }) => u + v + (u * v) / 100;
  bits.sort((a, b) => frequency(a) - frequency(b) || a.bit - b.bit);
  bits.forEach(({ bit }, place) => {
    PLACES[CLASS_BITS * part + bit] = CLASS_BITS * part + place;
  });
}

/** What a byte of a hash contributes to the eight bytes of its class, by its place and value. */
const CONTRIBUTIONS = new Uint8Array(HASH_BYTES * 256 * 8);
for (let byte = 0; byte < HASH_BYTES; byte++) {
  for (let value = 0; value < 256; value++) {
    for (let bit = 0; bit < 8; bit++) {
      if (((value >> bit) & 1) === 0) continue;
      const place = PLACES[8 * byte + bit]! % CLASS_BITS;
      CONTRIBUTIONS[(byte * 256 + value) * 8 + (place >> 3)]! |= 1 << (place & 7);
    }
  }
}

/** The same bits in the order of chunks: chunk c is the bytes 2c (low) and 2c + 1. Distances stay the same. */
export function chunked(hash: Uint8Array): Uint8Array {
  const chunks = new Uint8Array(HASH_BYTES);
  for (let byte = 0; byte < HASH_BYTES; byte++) {
    const from = (byte * 256 + hash[byte]!) * 8;
    const to = byte & ~7;
    for (let i = 0; i < 8; i++) chunks[to + i]! |= CONTRIBUTIONS[from + i]!;
  }
  return chunks;
}

/** A chunk of a chunked hash. */
export function chunkOf(chunks: Uint8Array, chunk: number): number {
  return chunks[2 * chunk]! | (chunks[2 * chunk + 1]! << 8);
}

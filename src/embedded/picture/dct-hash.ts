import { FREQUENCIES } from './grid-size.js';

/** 256 bits: whether each low frequency is positive. */
export const HASH_BYTES = 32;

/**
 * The signs of lowFrequencies(), in four classes of 8×8 bits: class 2·(v mod 2) + (u mod 2) of the coefficient
 * (u across, v down, from 0), in each a byte for every second v and in it a bit for every second u.
 * Mirroring a picture negates whole classes (see FLIPPED_CLASSES), so distances to all four flips of a picture come
 * out of the four distances of the classes.
 */
export function signHash(coefficients: Float64Array): Uint8Array {
  const hash = new Uint8Array(HASH_BYTES);
  for (let v = 0; v < FREQUENCIES; v++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      if (coefficients[v * FREQUENCIES + u]! > 0) {
        hash[8 * (2 * (v % 2) + (u % 2)) + (v >> 1)]! |= 1 << (u >> 1);
      }
    }
  }
  return hash;
}

/** The hash of the same picture mirrored along its diagonal: across becomes down. */
export function transposedHash(hash: Uint8Array): Uint8Array {
  const transposed = new Uint8Array(HASH_BYTES);
  for (let part = 0; part < 4; part++) {
    const swapped = part === 1 ? 2 : part === 2 ? 1 : part;
    for (let row = 0; row < 8; row++) {
      for (let column = 0; column < 8; column++) {
        const bit = (hash[8 * part + row]! >> column) & 1;
        transposed[8 * swapped + column]! |= bit << row;
      }
    }
  }
  return transposed;
}

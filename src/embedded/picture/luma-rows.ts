import { PAGE_BYTES } from '../web-assembly.js';
import { createArena, type GreyArena, SPARE_BYTES } from './grey-kernel.js';

const CHANNELS = 3;

/** Its memory stays for the next row: rows are a million pixels long at most, and so it is four MB. */
let arena: GreyArena | undefined;

/**
 * Makes a row grey, equal to `luma` of each pixel.
 *
 * @param rgb red, green and blue of each pixel, a byte each
 * @param grey as many bytes as there are pixels
 */
export function lumaOfRow(rgb: Uint8Array, grey: Uint8Array): void {
  const greyAt = rgb.length + SPARE_BYTES;
  const pixels = rgb.length / CHANNELS;
  const needed = greyAt + pixels + SPARE_BYTES;
  arena ??= createArena(PAGE_BYTES);
  const { memory, kernel } = arena;
  const missing = needed - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(rgb);
  kernel.luma(0, greyAt, pixels);
  grey.set(bytes.subarray(greyAt, greyAt + pixels));
}

import { isDeepStrictEqual } from 'node:util';
import type { DibHeader } from './dib-header.js';
import { BrokenPictureError, NotDecodedError } from './picture-header.js';

/** Writes red, green, blue and full alpha of one line of pixels, which begins at the byte `at`, into `row`. */
export type ReadLine = (pixels: Uint8Array, at: number, row: Uint8Array) => void;

const MASKS_555 = [0x7c00, 0x3e0, 0x1f];
const MASKS_565 = [0xf800, 0x7e0, 0x1f];
const BYTE_MASKS = [0xff, 0xff00, 0xff0000, 0xff000000];

/**
 * @returns how to read lines of pixels that are not compressed
 * @throws {BrokenPictureError} when the header contradicts itself
 * @throws {NotDecodedError} when it says masks that Pillow does not decode either
 */
export function lineReader({ bitsPerPixel, compression, masks, palette }: DibHeader): ReadLine {
  const isPlain = compression === 'NONE';
  const hasMasks = masks.some((mask) => mask !== 0);
  if (compression === 'RLE8' || compression === 'RLE4') throw unknownLayout();
  switch (bitsPerPixel) {
    case 1:
    case 4:
    case 8:
      if (isPlain) return indexReader(bitsPerPixel, palette);
      break;
    case 16:
      if (isPlain || isDeepStrictEqual(masks, MASKS_555)) return read555;
      if (isDeepStrictEqual(masks, MASKS_565)) return read565;
      break;
    case 24:
    case 32: {
      const [red = 2, green = 1, blue = 0] = hasMasks ? masks.map((mask) => BYTE_MASKS.indexOf(mask)) : [];
      const bytes = bitsPerPixel / 8;
      if ([red, green, blue].every((byte) => byte >= 0 && byte < bytes))
        return byteReader(bytes, red, green, blue);
    }
  }
  if ([16, 24, 32].includes(bitsPerPixel) && hasMasks)
    throw new NotDecodedError('Bitmaps of these masks are not decoded.');
  throw unknownLayout();
}

/** @param bits of an index; several share a byte, the first in the highest bits */
export function indexReader(bits: 1 | 4 | 8, palette: Uint8Array): ReadLine {
  const mask = 2 ** bits - 1;
  return (pixels, at, row) => {
    for (let x = 0; 4 * x < row.length; x++) {
      const bit = x * bits;
      const entry = 3 * ((pixels[at + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask);
      put(row, x, palette[entry]!, palette[entry + 1]!, palette[entry + 2]!);
    }
  };
}

function byteReader(size: number, red: number, green: number, blue: number): ReadLine {
  return (pixels, at, row) => {
    for (let x = 0; 4 * x < row.length; x++, at += size) {
      put(row, x, pixels[at + red]!, pixels[at + green]!, pixels[at + blue]!);
    }
  };
}

const read555: ReadLine = (pixels, at, row) => {
  for (let x = 0; 4 * x < row.length; x++, at += 2) {
    const pixel = pixels[at]! | (pixels[at + 1]! << 8);
    put(row, x, widened(pixel >> 10, 31), widened(pixel >> 5, 31), widened(pixel, 31));
  }
};

const read565: ReadLine = (pixels, at, row) => {
  for (let x = 0; 4 * x < row.length; x++, at += 2) {
    const pixel = pixels[at]! | (pixels[at + 1]! << 8);
    put(row, x, widened(pixel >> 11, 31), widened(pixel >> 5, 63), widened(pixel, 31));
  }
};

function put(row: Uint8Array, x: number, red: number, green: number, blue: number): void {
  const at = 4 * x;
  row[at] = red;
  row[at + 1] = green;
  row[at + 2] = blue;
  row[at + 3] = 255;
}

/** The low bits of a value, whose highest value is `max`, widened to a byte. */
function widened(value: number, max: number): number {
  return (((value & max) * 255) / max) | 0;
}

function unknownLayout(): BrokenPictureError {
  return new BrokenPictureError('The pixels of the bitmap are of an unknown layout.');
}

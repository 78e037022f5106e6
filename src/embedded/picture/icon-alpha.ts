import type { FileHandle } from 'node:fs/promises';
import type { DibHeader } from './dib-header.js';
import { readUpTo } from './file-bytes.js';
import type { ColourRaster } from './grey-raster.js';

/** The bitmap of an icon that is being decoded. */
interface IconPixels {
  dib: DibHeader;
  pixels: Uint8Array;
  /** The bytes from one line of pixels to the next. */
  stride: number;
  /** Where in the file its mask begins. */
  maskAt: number;
}

/**
 * The colours of an icon with its transparency: the fourth byte of each pixel where any of them is set, else the mask behind
 * the pixels, of which a set bit shows nothing. Where the mask is cut off, all is seen.
 */
export async function readIconAlpha(
  file: FileHandle,
  colours: ColourRaster,
  icon: IconPixels,
): Promise<ColourRaster> {
  const { width, height } = colours;
  const { topDown } = icon.dib;
  const lineOf = (y: number) => (topDown ? y : height - 1 - y);
  const alphaOf = hasAlpha(icon)
    ? (x: number, y: number) => icon.pixels[lineOf(y) * icon.stride + 4 * x + 3]!
    : maskedBy(await readUpTo(file, icon.maskAt, maskStride(width) * height), width, lineOf);
  return {
    width,
    height,
    readRow(y, row) {
      colours.readRow(y, row);
      for (let x = 0; x < width; x++) row[4 * x + 3] = alphaOf(x, y);
    },
  };
}

function hasAlpha({ dib: { bitsPerPixel }, pixels }: IconPixels): boolean {
  if (bitsPerPixel !== 32) return false;
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 0) return true;
  return false;
}

function maskedBy(mask: Uint8Array, width: number, lineOf: (y: number) => number) {
  const stride = maskStride(width);
  return (x: number, y: number) => {
    const bits = mask[lineOf(y) * stride + (x >> 3)] ?? 0;
    return (bits >> (7 - (x & 7))) & 1 ? 0 : 255;
  };
}

/** A bit a pixel, in whole words. */
function maskStride(width: number): number {
  return Math.ceil(width / 32) * 4;
}

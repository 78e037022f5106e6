import type { FileHandle } from 'node:fs/promises';
import type { DibHeader } from './dib-header.js';
import { unpackRle } from './dib-rle.js';
import { readExactly, readUpTo } from './file-bytes.js';
import { type GreyRaster, luma } from './grey-raster.js';
import { BrokenPictureError, type PictureHeader } from './picture-header.js';
import { squeezedGrey } from './squeezed-grey.js';

/** Writes one line of pixels, which begins at the byte `at`, into `row`. */
type ReadLine = (pixels: Uint8Array, at: number, row: Float64Array) => void;

/**
 * @param pixelsAt where in the file the pixels begin
 * @param height in an icon only half of what the header says
 * @throws {BrokenPictureError} when the pixels are of no known layout
 */
export function openDib(file: FileHandle, dib: DibHeader, pixelsAt: number, height: number): PictureHeader {
  const { width } = dib;
  if (width === 0 || height === 0) throw new BrokenPictureError('The bitmap has no pixels.');
  if (dib.compression === 'RLE8' || dib.compression === 'RLE4') return openRle(file, dib, pixelsAt, height);

  const readLine = lineReader(dib);
  const stride = Math.ceil((width * dib.bitsPerPixel) / 32) * 4;
  const length = stride * (height - 1) + Math.ceil((width * dib.bitsPerPixel) / 8);
  const decode = async () => {
    const pixels = await readExactly(file, pixelsAt, length);
    return raster(pixels, stride, height, dib, readLine);
  };
  return pictureHeader(width, height, length, decode);
}

function openRle(file: FileHandle, dib: DibHeader, pixelsAt: number, height: number): PictureHeader {
  if (dib.bitsPerPixel > 8) throw unknownLayout();
  const { width } = dib;
  const decode = async () => {
    const packed = await readUpTo(file, pixelsAt, Number.MAX_SAFE_INTEGER);
    const indices = unpackRle(packed, width, height, dib.compression === 'RLE8' ? 8 : 4);
    return raster(indices, width, height, dib, indexReader(8, dib.palette));
  };
  return pictureHeader(width, height, width * height, decode);
}

function pictureHeader(
  width: number,
  height: number,
  decodeBytes: number,
  decode: PictureHeader['decode'],
): PictureHeader {
  return { width, height, decodeBytes, decode, squeezed: async () => squeezedGrey(await decode()) };
}

function raster(
  pixels: Uint8Array,
  stride: number,
  height: number,
  { width, topDown }: DibHeader,
  readLine: ReadLine,
): GreyRaster {
  return {
    width,
    height,
    readRow: (y, row) => readLine(pixels, (topDown ? y : height - 1 - y) * stride, row),
  };
}

function lineReader({ bitsPerPixel, compression, masks, palette }: DibHeader): ReadLine {
  if (compression === 'NONE') {
    if (bitsPerPixel === 1 || bitsPerPixel === 4 || bitsPerPixel === 8)
      return indexReader(bitsPerPixel, palette);
    if (bitsPerPixel === 16) return read555;
    if (bitsPerPixel === 24) return byteReader(3, 2, 1, 0);
    if (bitsPerPixel === 32) return byteReader(4, 2, 1, 0);
  } else if (bitsPerPixel === 16) {
    if (masks.join() === [0x7c00, 0x3e0, 0x1f].join()) return read555;
    if (masks.join() === [0xf800, 0x7e0, 0x1f].join()) return read565;
  } else if (bitsPerPixel === 24 || bitsPerPixel === 32) {
    const size = bitsPerPixel / 8;
    const isEmpty = masks.every((mask) => mask === 0);
    const [red = -1, green = -1, blue = -1] = isEmpty ? [2, 1, 0] : masks.map(byteOfMask);
    if (Math.min(red, green, blue) >= 0 && Math.max(red, green, blue) < size) {
      return byteReader(size, red, green, blue);
    }
  }
  throw unknownLayout();
}

/** @returns which byte of a pixel the mask covers, -1 when it covers none or several */
function byteOfMask(mask: number): number {
  return [0xff, 0xff00, 0xff0000, 0xff000000].indexOf(mask);
}

function indexReader(bits: 1 | 4 | 8, palette: Uint8Array): ReadLine {
  const mask = 2 ** bits - 1;
  return (pixels, at, row) => {
    for (let x = 0; x < row.length; x++) {
      const bit = x * bits;
      row[x] = palette[(pixels[at + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask]!;
    }
  };
}

function byteReader(size: number, red: number, green: number, blue: number): ReadLine {
  return (pixels, at, row) => {
    for (let x = 0; x < row.length; x++, at += size) {
      row[x] = luma(pixels[at + red]!, pixels[at + green]!, pixels[at + blue]!);
    }
  };
}

const read555: ReadLine = (pixels, at, row) => {
  for (let x = 0; x < row.length; x++, at += 2) {
    const pixel = pixels[at]! | (pixels[at + 1]! << 8);
    row[x] = luma(widened(pixel >> 10, 31), widened(pixel >> 5, 31), widened(pixel, 31));
  }
};

const read565: ReadLine = (pixels, at, row) => {
  for (let x = 0; x < row.length; x++, at += 2) {
    const pixel = pixels[at]! | (pixels[at + 1]! << 8);
    row[x] = luma(widened(pixel >> 11, 31), widened(pixel >> 5, 63), widened(pixel, 31));
  }
};

/** The low bits of a value, whose highest value is `max`, widened to a byte. */
function widened(value: number, max: number): number {
  return (((value & max) * 255) / max) | 0;
}

function unknownLayout(): BrokenPictureError {
  return new BrokenPictureError('The pixels of the bitmap are of an unknown layout.');
}

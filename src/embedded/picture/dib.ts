import type { FileHandle } from 'node:fs/promises';
import type { Size } from '../../services/pictures.js';
import { ByteReader } from './byte-reader.js';
import type { DibHeader } from './dib-header.js';
import { indexReader, lineReader, type ReadLine } from './dib-lines.js';
import { unpackRle } from './dib-rle.js';
import { readExactly } from './file-bytes.js';
import { type ColourRaster, greyOfColours } from './grey-raster.js';
import { readIconAlpha } from './icon-alpha.js';
import { BrokenPictureError, type PictureHeader } from './picture-header.js';
import { shownColours, squeezedGrey, squeezedRowsBytes } from './squeezed-rows.js';

/** Where the pixels of a bitmap are, and what they are for. */
export interface DibPlace {
  /** Where in the file the pixels begin. */
  pixelsAt: number;
  /** In an icon only half of what the header says. */
  height: number;
  /** Whether it is the picture of an icon, which is transparent in places. */
  isIcon: boolean;
}

/** @throws {BrokenPictureError} when there are no pixels, or they are of no known layout */
export function openDib(file: FileHandle, dib: DibHeader, place: DibPlace): PictureHeader {
  const { width, bitsPerPixel, compression } = dib;
  const { height, pixelsAt, isIcon } = place;
  if (width === 0 || height === 0) throw new BrokenPictureError('The bitmap has no pixels.');
  if (compression === 'RLE8' && bitsPerPixel === 8) return openRle(file, dib, place, 8);
  if (compression === 'RLE4' && bitsPerPixel === 4) return openRle(file, dib, place, 4);

  const readLine = lineReader(dib);
  const stride = Math.ceil((width * bitsPerPixel) / 32) * 4;
  // The last line may lack its padding.
  const length = stride * (height - 1) + Math.ceil((width * bitsPerPixel) / 8);
  const size = { width, height };
  const decode = async () => {
    const pixels = await readExactly(file, pixelsAt, length);
    return { pixels, colours: raster(dib, height, pixels, stride, readLine) };
  };
  return decodedHere(size, length, {
    colours: async () => (await decode()).colours,
    shown: async () => {
      const { pixels, colours } = await decode();
      if (!isIcon) return colours;
      return readIconAlpha(file, colours, { dib, pixels, stride, maskAt: pixelsAt + stride * height });
    },
  });
}

function openRle(
  file: FileHandle,
  dib: DibHeader,
  { pixelsAt, height }: DibPlace,
  bits: 4 | 8,
): PictureHeader {
  const { width, palette } = dib;
  const colours = async () => {
    const indices = unpackRle(new ByteReader(file.fd, pixelsAt), width, height, bits);
    return raster(dib, height, indices, width, indexReader(8, palette));
  };
  return decodedHere({ width, height }, width * height, { colours, shown: colours });
}

/** The colours as they count for the hash, and as they are shown. */
interface DibDecoders {
  colours(): Promise<ColourRaster>;
  shown(): Promise<ColourRaster>;
}

function decodedHere(size: Size, decodeBytes: number, { colours, shown }: DibDecoders): PictureHeader {
  const decode = async () => greyOfColours(await colours());
  return {
    ...size,
    upright: size,
    decodeBytes,
    decode,
    squeezedBytes: decodeBytes + squeezedRowsBytes(size),
    squeezed: async () => squeezedGrey(await decode()),
    shownBytes: (target) => decodeBytes + squeezedRowsBytes(size, target),
    shown: async (target) => shownColours(await shown(), target),
  };
}

function raster(
  { width, topDown }: DibHeader,
  height: number,
  pixels: Uint8Array,
  stride: number,
  readLine: ReadLine,
): ColourRaster {
  return {
    width,
    height,
    readRow: (y, row) => readLine(pixels, (topDown ? y : height - 1 - y) * stride, row),
  };
}

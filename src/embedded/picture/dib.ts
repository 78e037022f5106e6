import type { FileHandle } from 'node:fs/promises';
import { ByteReader } from './byte-reader.js';
import type { DibHeader } from './dib-header.js';
import { indexReader, lineReader, type ReadLine } from './dib-lines.js';
import { unpackRle } from './dib-rle.js';
import { readExactly } from './file-bytes.js';
import type { GreyRaster } from './grey-raster.js';
import { BrokenPictureError, type PictureHeader } from './picture-header.js';
import { squeezedGrey, squeezedRowsBytes } from './squeezed-rows.js';

/**
 * @param pixelsAt where in the file the pixels begin
 * @param height in an icon only half of what the header says
 * @throws {BrokenPictureError} when there are no pixels, or they are of no known layout
 */
export function openDib(file: FileHandle, dib: DibHeader, pixelsAt: number, height: number): PictureHeader {
  const { width, bitsPerPixel, compression } = dib;
  if (width === 0 || height === 0) throw new BrokenPictureError('The bitmap has no pixels.');
  if (compression === 'RLE8' && bitsPerPixel === 8) return openRle(file, dib, pixelsAt, height, 8);
  if (compression === 'RLE4' && bitsPerPixel === 4) return openRle(file, dib, pixelsAt, height, 4);

  const readLine = lineReader(dib);
  const stride = Math.ceil((width * bitsPerPixel) / 32) * 4;
  // The last line may lack its padding.
  const length = stride * (height - 1) + Math.ceil((width * bitsPerPixel) / 8);
  const decode = async () => raster(dib, height, await readExactly(file, pixelsAt, length), stride, readLine);
  return decodedHere(width, height, length, decode);
}

function openRle(
  file: FileHandle,
  dib: DibHeader,
  pixelsAt: number,
  height: number,
  bits: 4 | 8,
): PictureHeader {
  const { width, palette } = dib;
  const decode = async () => {
    const indices = unpackRle(new ByteReader(file.fd, pixelsAt), width, height, bits);
    return raster(dib, height, indices, width, indexReader(8, palette));
  };
  return decodedHere(width, height, width * height, decode);
}

function decodedHere(
  width: number,
  height: number,
  decodeBytes: number,
  decode: () => Promise<GreyRaster>,
): PictureHeader {
  return {
    width,
    height,
    decodeBytes,
    decode,
    squeezedBytes: decodeBytes + squeezedRowsBytes(width, height),
    squeezed: async () => squeezedGrey(await decode()),
  };
}

function raster(
  { width, topDown }: DibHeader,
  height: number,
  pixels: Uint8Array,
  stride: number,
  readLine: ReadLine,
): GreyRaster {
  return {
    width,
    height,
    readRow: (y, row) => readLine(pixels, (topDown ? y : height - 1 - y) * stride, row),
  };
}

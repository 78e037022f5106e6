import type { FileHandle } from 'node:fs/promises';
import { openDib } from './dib.js';
import { type DibHeader, readDibHeader } from './dib-header.js';
import { readExactly } from './file-bytes.js';
import type { PictureHeader } from './picture-header.js';

const FILE_HEADER_LENGTH = 14;

/** @throws {BrokenPictureError} when the headers are cut off or unknown */
export async function openBmp(file: FileHandle): Promise<PictureHeader> {
  const fileHeader = await readExactly(file, 0, FILE_HEADER_LENGTH);
  const dib = await readDibHeader(file, FILE_HEADER_LENGTH);
  return openDib(file, dib, {
    pixelsAt: pixelsAt(fileHeader.readUInt32LE(10), dib),
    height: dib.height,
    isIcon: false,
  });
}

/** Some writers name the end of the header, or nothing, instead of the first pixel. */
function pixelsAt(named: number, { headerSize, colours, length }: DibHeader): number {
  if (named === FILE_HEADER_LENGTH + headerSize) return named + 4 * colours;
  return named || FILE_HEADER_LENGTH + length;
}

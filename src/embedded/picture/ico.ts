import type { FileHandle } from 'node:fs/promises';
import { openDib } from './dib.js';
import { readDibHeader } from './dib-header.js';
import { readExactly, readUpTo, requireBytes } from './file-bytes.js';
import { BrokenPictureError, type PictureHeader, type ReserveBytes } from './picture-header.js';
import { openPng } from './sharp-formats.js';

const DIRECTORY_HEADER_LENGTH = 6;
const ENTRY_LENGTH = 16;
const PNG_SIGNATURE = '89504e470d0a1a0a';
/** Far more than the largest icon has. */
const MAX_PNG_BYTES = 16 * 1024 * 1024;

interface IconEntry {
  area: number;
  colourDepth: number;
  offset: number;
  size: number;
}

/**
 * The picture of an icon is its largest one, and of several as large the one of the lowest colour depth, as Pillow
 * has it. The mask of a bitmap is its transparency, which counts only where the icon is shown.
 *
 * @throws {TooCostlyError} as openPng does
 * @throws {BrokenPictureError} when the directory or the header of the picture is cut off or unknown
 */
export async function openIco(file: FileHandle, reserve: ReserveBytes): Promise<PictureHeader> {
  const entry = await largestEntry(file);
  const signature = await readExactly(file, entry.offset, PNG_SIGNATURE.length / 2);
  if (signature.toString('hex') === PNG_SIGNATURE) {
    return openPng(file, await readUpTo(file, entry.offset, MAX_PNG_BYTES), reserve, entry.offset);
  }
  const dib = await readDibHeader(file, entry.offset);
  // The colours are of no use to Pillow without the mask behind them, unless they have an alpha of their own.
  if (entry.colourDepth !== 32) await requireBytes(file, entry.offset, entry.size);
  return openDib(file, dib, {
    pixelsAt: entry.offset + dib.length,
    height: Math.floor(dib.height / 2),
    isIcon: true,
  });
}

async function largestEntry(file: FileHandle): Promise<IconEntry> {
  const count = (await readExactly(file, 0, DIRECTORY_HEADER_LENGTH)).readUInt16LE(4);
  const directory = await readExactly(file, DIRECTORY_HEADER_LENGTH, count * ENTRY_LENGTH);
  const entries = Array.from({ length: count }, (_, index) => iconEntry(directory, index * ENTRY_LENGTH));
  const [largest] = entries.sort((a, b) => b.area - a.area || a.colourDepth - b.colourDepth);
  if (!largest) throw new BrokenPictureError('The icon has no picture.');
  return largest;
}

function iconEntry(directory: Buffer, at: number): IconEntry {
  const colours = directory[at + 2]!;
  return {
    area: (directory[at] || 256) * (directory[at + 1] || 256),
    colourDepth: directory.readUInt16LE(at + 6) || Math.ceil(Math.log2(colours || 1)) || 256,
    size: directory.readUInt32LE(at + 8),
    offset: directory.readUInt32LE(at + 12),
  };
}

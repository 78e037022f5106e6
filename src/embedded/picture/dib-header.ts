import type { FileHandle } from 'node:fs/promises';
import { readUpTo } from './file-bytes.js';
import { BrokenPictureError, NotDecodedError } from './picture-header.js';

/** The header of a device-independent bitmap, the format inside BMP and ICO files. */
export interface DibHeader {
  readonly headerSize: number;
  readonly width: number;
  /** In an icon the height of the colours and of the mask together. */
  readonly height: number;
  readonly topDown: boolean;
  readonly bitsPerPixel: number;
  readonly compression: DibCompression;
  /** Which bits of a pixel are red, green and blue; zeros unless the compression is BITFIELDS. */
  readonly masks: readonly number[];
  /** How many entries the palette claims to have; 0 where pixels are no indices. */
  readonly colours: number;
  /** Red, green and blue of 256 palette entries; those that the file lacks are black. */
  readonly palette: Uint8Array;
  /** How many bytes header, masks and palette take together. */
  readonly length: number;
}

export type DibCompression = 'NONE' | 'RLE8' | 'RLE4' | 'BITFIELDS';

const COMPRESSIONS: readonly DibCompression[] = ['NONE', 'RLE8', 'RLE4', 'BITFIELDS'];
/** JPEG, PNG, masks with alpha, and three of printers. */
const NOT_DECODED_COMPRESSIONS = [4, 5, 6, 11, 12, 13];
const CORE_SIZE = 12;
const INFO_SIZE = 40;
const HEADER_SIZES = [CORE_SIZE, INFO_SIZE, 52, 56, 64, 108, 124];
const MASKS_AT = 40;
const MASKS_LENGTH = 12;
const MAX_COLOURS = 65536;
/** The largest header, or the masks, and a palette of 256 entries. */
const MAX_LENGTH = 124 + 256 * 4;

/**
 * @throws {BrokenPictureError} when the header is cut off, or says what there is not
 * @throws {NotDecodedError} when it says what Pillow does not decode either
 */
export async function readDibHeader(file: FileHandle, position: number): Promise<DibHeader> {
  const bytes = await readUpTo(file, position, MAX_LENGTH);
  const headerSize = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if (!HEADER_SIZES.includes(headerSize) || bytes.length < headerSize) throw unknown();

  const isCore = headerSize === CORE_SIZE;
  const bitsPerPixel = bytes.readUInt16LE(isCore ? 10 : 14);
  const code = isCore ? 0 : bytes.readUInt32LE(16);
  if (NOT_DECODED_COMPRESSIONS.includes(code))
    throw new NotDecodedError(`Bitmaps of the compression ${code} are not decoded.`);
  const compression = COMPRESSIONS[code];
  const hasMasks = compression === 'BITFIELDS';
  const paletteAt = hasMasks && headerSize === INFO_SIZE ? MASKS_AT + MASKS_LENGTH : headerSize;
  const isIndexed = bitsPerPixel <= 8;
  const colours = isIndexed ? (isCore ? 0 : bytes.readUInt32LE(32)) || 2 ** bitsPerPixel : 0;
  if (compression === undefined || colours > MAX_COLOURS || bytes.length < paletteAt) throw unknown();

  const entryLength = isCore ? 3 : 4;
  return {
    headerSize,
    ...(isCore ? coreDimensions(bytes) : infoDimensions(bytes)),
    bitsPerPixel,
    compression,
    masks: hasMasks ? [0, 4, 8].map((at) => bytes.readUInt32LE(MASKS_AT + at)) : [0, 0, 0],
    colours,
    palette: readPalette(bytes.subarray(paletteAt, paletteAt + colours * entryLength), entryLength),
    length: paletteAt + colours * entryLength,
  };
}

function coreDimensions(bytes: Buffer) {
  return { width: bytes.readUInt16LE(4), height: bytes.readUInt16LE(6), topDown: false };
}

/** A negative height means that the first row is the top one; Pillow looks at the highest byte only. */
function infoDimensions(bytes: Buffer) {
  const topDown = bytes[11] === 0xff;
  return {
    width: bytes.readUInt32LE(4),
    height: topDown ? -bytes.readInt32LE(8) : bytes.readUInt32LE(8),
    topDown,
  };
}

function readPalette(entries: Buffer, entryLength: number): Uint8Array {
  const palette = new Uint8Array(3 * 256);
  for (let index = 0; index < 256 && (index + 1) * entryLength <= entries.length; index++) {
    const at = index * entryLength;
    palette.set([entries[at + 2]!, entries[at + 1]!, entries[at]!], 3 * index);
  }
  return palette;
}

function unknown(): BrokenPictureError {
  return new BrokenPictureError('The header of the bitmap is cut off or unknown.');
}

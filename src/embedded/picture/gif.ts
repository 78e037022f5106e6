import type { FileHandle } from 'node:fs/promises';
import { ByteReader } from './byte-reader.js';
import { readUpTo } from './file-bytes.js';
import { unpackLzw } from './gif-lzw.js';
import { type GreyRaster, luma } from './grey-raster.js';
import { BrokenPictureError, type PictureHeader } from './picture-header.js';
import { squeezedInColour } from './sharp-decoder.js';

/** The first picture of a GIF: a rectangle on the canvas. */
interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  isInterlaced: boolean;
  /** The luma of each palette index. */
  palette: Uint8Array;
  /** The index that fills the canvas around the rectangle. */
  background: number;
}

const SCREEN_LENGTH = 13;
const DESCRIPTOR_LENGTH = 9;
const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const DESCRIPTOR = 0x2c;
const TRAILER = 0x3b;
/** What libvips holds of each pixel: the canvas, the frame, and both in red, green, blue and alpha. */
const SQUEEZED_BYTES_PER_PIXEL = 6;
/** How often the file up to the end of its first frame lies in memory then. */
const SQUEEZED_COPIES = 4;

/**
 * Opens the first frame, to the pixels that Pillow makes of it: a transparent pixel has the colour of its palette
 * entry, which other decoders throw away.
 *
 * @throws {BrokenPictureError} when the file ends before the first frame
 */
export async function openGif(file: FileHandle): Promise<PictureHeader> {
  const reader = new ByteReader(file.fd);
  const screen = reader.bytes(SCREEN_LENGTH);
  const screenWidth = screen.readUInt16LE(6);
  const screenHeight = screen.readUInt16LE(8);
  const frame = readFrame(reader, readPalette(reader, screen[10]!));
  const pixelsAt = reader.position;
  const width = Math.max(screenWidth, frame.left + frame.width);
  const height = Math.max(screenHeight, frame.top + frame.height);
  if (width === 0 || height === 0) throw new BrokenPictureError('The GIF has no pixels.');
  const frameEnd = await endOfFrame(file, pixelsAt);
  return {
    width,
    height,
    decodeBytes: frame.width * frame.height,
    decode: async () => decode(new ByteReader(file.fd, pixelsAt), frame, width, height),
    squeezedBytes: width * height * SQUEEZED_BYTES_PER_PIXEL + frameEnd * SQUEEZED_COPIES,
    squeezed: async () => squeezedInColour(await firstFrame(file, frameEnd)),
  };
}

/** The file without its later frames: libvips would take notes of millions of them. */
async function firstFrame(file: FileHandle, frameEnd: number): Promise<Buffer> {
  return Buffer.concat([await readUpTo(file, 0, frameEnd), Buffer.of(TRAILER)]);
}

/** Where the frame ends; of one that is cut off, the end of the file. */
async function endOfFrame(file: FileHandle, pixelsAt: number): Promise<number> {
  const reader = new ByteReader(file.fd, pixelsAt);
  try {
    reader.byte();
    while (readSubBlock(reader));
    return reader.position;
  } catch (error) {
    if (error instanceof BrokenPictureError) return (await file.stat()).size;
    throw error;
  }
}

/** Walks over the blocks before the first frame. */
function readFrame(reader: ByteReader, globalPalette: Uint8Array | null): Frame {
  let background = 0;
  for (let block = reader.byte(); block !== TRAILER; block = reader.byte()) {
    if (block === EXTENSION) background = readExtension(reader) ?? background;
    if (block === DESCRIPTOR) {
      const descriptor = Buffer.from(reader.bytes(DESCRIPTOR_LENGTH));
      const flags = descriptor[8]!;
      return {
        left: descriptor.readUInt16LE(0),
        top: descriptor.readUInt16LE(2),
        width: descriptor.readUInt16LE(4),
        height: descriptor.readUInt16LE(6),
        isInterlaced: (flags & 0x40) !== 0,
        palette: readPalette(reader, flags) ?? globalPalette ?? GREY_RAMP,
        background,
      };
    }
  }
  throw new BrokenPictureError('The GIF has no frame.');
}

/** @returns the transparent index, if the extension names one */
function readExtension(reader: ByteReader): number | null {
  const isGraphicControl = reader.byte() === GRAPHIC_CONTROL;
  let transparent: number | null = null;
  for (
    let block = readSubBlock(reader), isFirst = true;
    block;
    block = readSubBlock(reader), isFirst = false
  ) {
    if (isFirst && isGraphicControl && (block[0]! & 1) !== 0) transparent = block[3] ?? null;
  }
  return transparent;
}

/** @returns null for the empty block at the end of a row of them */
function readSubBlock(reader: ByteReader): Uint8Array | null {
  const length = reader.byte();
  return length === 0 ? null : reader.bytes(length);
}

const GREY_RAMP = Uint8Array.from({ length: 256 }, (_, index) => index);

/** @param flags of the screen or of the frame: whether a palette follows, and its size */
function readPalette(reader: ByteReader, flags: number): Uint8Array | null {
  if ((flags & 0x80) === 0) return null;
  const entries = 2 << (flags & 7);
  const colours = reader.bytes(entries * 3);
  const palette = new Uint8Array(256);
  for (let index = 0; index < entries; index++) {
    palette[index] = luma(colours[index * 3]!, colours[index * 3 + 1]!, colours[index * 3 + 2]!);
  }
  return palette;
}

function decode(reader: ByteReader, frame: Frame, width: number, height: number): GreyRaster {
  const { left, top, palette } = frame;
  const indices = new Uint8Array(frame.width * frame.height);
  unpackLzw(reader.byte(), () => readSubBlock(reader), indices);
  const lines = frame.isInterlaced ? interlacedLines(frame.height) : null;
  return {
    width,
    height,
    readRow(y, row) {
      row.fill(palette[frame.background]!);
      if (y < top || y >= top + frame.height) return;
      const at = (lines ? lines[y - top]! : y - top) * frame.width;
      for (let x = 0; x < frame.width; x++) row[left + x] = palette[indices[at + x]!]!;
    },
  };
}

/** @returns for each row from the top where it stands in the file */
function interlacedLines(height: number): Uint16Array {
  const lines = new Uint16Array(height);
  let line = 0;
  for (const [first, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const) {
    for (let y = first; y < height; y += step) lines[y] = line++;
  }
  return lines;
}

import type { FileHandle } from 'node:fs/promises';
import { ByteReader } from './byte-reader.js';
import { unpackLzw } from './gif-lzw.js';
import { type ColourRaster, type GreyRaster, luma } from './grey-raster.js';
import { BrokenPictureError, type PictureHeader } from './picture-header.js';
import { shownColours, squeezedColours, squeezedRowsBytes } from './squeezed-rows.js';

/** The first picture of a GIF: a rectangle on the canvas. */
interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  isInterlaced: boolean;
  /** Red, green and blue of each palette index. */
  palette: Uint8Array;
  /** The index that nothing is shown of; it also fills the canvas around the rectangle. */
  transparent: number | null;
}

const SCREEN_LENGTH = 13;
const DESCRIPTOR_LENGTH = 9;
const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const DESCRIPTOR = 0x2c;
const TRAILER = 0x3b;

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
  if (frame.width === 0 || frame.height === 0) throw new BrokenPictureError('The GIF has no pixels.');
  const decodeBytes = frame.width * frame.height;
  const indices = () => unpack(new ByteReader(file.fd, pixelsAt), frame);
  const size = { width, height };
  return {
    ...size,
    upright: size,
    decodeBytes,
    decode: async () => greys(indices(), frame, width, height),
    squeezedBytes: decodeBytes + squeezedRowsBytes(size),
    squeezed: async () => squeezedColours(colours(indices(), frame, width, height)),
    shownBytes: (target) => decodeBytes + squeezedRowsBytes(size, target),
    shown: async (target) => shownColours(colours(indices(), frame, width, height), target),
  };
}

/** Walks over the blocks before the first frame. */
function readFrame(reader: ByteReader, globalPalette: Uint8Array | null): Frame {
  let transparent: number | null = null;
  for (let block = reader.byte(); block !== TRAILER; block = reader.byte()) {
    if (block === EXTENSION) transparent = readExtension(reader) ?? transparent;
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
        transparent,
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

const GREY_RAMP = Uint8Array.from({ length: 3 * 256 }, (_, at) => Math.floor(at / 3));

/** @param flags of the screen or of the frame: whether a palette follows, and its size */
function readPalette(reader: ByteReader, flags: number): Uint8Array | null {
  if ((flags & 0x80) === 0) return null;
  const palette = new Uint8Array(3 * 256);
  palette.set(reader.bytes(3 * (2 << (flags & 7))));
  return palette;
}

/** @returns the palette indices of the frame, its lines from the top */
function unpack(reader: ByteReader, { width, height, isInterlaced }: Frame): (y: number) => Uint8Array {
  const indices = new Uint8Array(width * height);
  unpackLzw(reader.byte(), () => nextSubBlock(reader), indices);
  const lines = isInterlaced ? interlacedLines(height) : null;
  return (y) => {
    const line = lines ? lines[y]! : y;
    return indices.subarray(line * width, (line + 1) * width);
  };
}

/** As in Pillow, pixels that are still missing stand behind blocks that are empty. */
function nextSubBlock(reader: ByteReader): Uint8Array {
  for (;;) {
    const block = readSubBlock(reader);
    if (block) return block;
  }
}

function greys(
  lineOf: (y: number) => Uint8Array,
  { left, top, height: lines, palette, transparent }: Frame,
  width: number,
  height: number,
): GreyRaster {
  const lumas = Uint8Array.from({ length: 256 }, (_, index) =>
    luma(palette[3 * index]!, palette[3 * index + 1]!, palette[3 * index + 2]!),
  );
  return {
    width,
    height,
    readRow(y, row) {
      row.fill(lumas[transparent ?? 0]!);
      if (y < top || y >= top + lines) return;
      const line = lineOf(y - top);
      for (let x = 0; x < line.length; x++) row[left + x] = lumas[line[x]!]!;
    },
  };
}

/** As it is shown: nothing is seen of the canvas around the frame. */
function colours(
  lineOf: (y: number) => Uint8Array,
  { left, top, height: lines, palette, transparent }: Frame,
  width: number,
  height: number,
): ColourRaster {
  return {
    width,
    height,
    readRow(y, row) {
      row.fill(0);
      if (y < top || y >= top + lines) return;
      const line = lineOf(y - top);
      for (let x = 0; x < line.length; x++) {
        const index = line[x]!;
        const at = 4 * (left + x);
        for (let c = 0; c < 3; c++) row[at + c] = palette[3 * index + c]!;
        row[at + 3] = index === transparent ? 0 : 255;
      }
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

/** Builds BMP and ICO files with known pixels. */

export type Colour = readonly [red: number, green: number, blue: number];

export interface BmpOptions {
  width: number;
  height: number;
  bitsPerPixel: number;
  /** The packed pixels, line after line as they stand in the file. */
  pixels: Uint8Array;
  palette?: readonly Colour[];
  /** 12, 40, 52, 56, 64, 108 or 124. */
  headerSize?: number;
  /** 0 none, 1 RLE8, 2 RLE4, 3 bit fields. */
  compression?: number;
  masks?: readonly number[];
  topDown?: boolean;
  /** Where the file header says that the pixels are; absent means the truth. */
  pixelsAt?: number;
}

export function bmp(options: BmpOptions): Buffer {
  const { pixels } = options;
  const dib = dibHeader(options);
  const fileHeader = Buffer.alloc(14);
  fileHeader.write('BM', 'latin1');
  fileHeader.writeUInt32LE(14 + dib.length + pixels.length, 2);
  fileHeader.writeUInt32LE(options.pixelsAt ?? 14 + dib.length, 10);
  return Buffer.concat([fileHeader, dib, pixels]);
}

/** Header, masks and palette. */
export function dibHeader({
  width,
  height,
  bitsPerPixel,
  palette = [],
  headerSize = 40,
  compression = 0,
  masks = [],
  topDown = false,
}: BmpOptions): Buffer {
  const header = Buffer.alloc(headerSize);
  header.writeUInt32LE(headerSize, 0);
  if (headerSize === 12) {
    header.writeUInt16LE(width, 4);
    header.writeUInt16LE(height, 6);
    header.writeUInt16LE(1, 8);
    header.writeUInt16LE(bitsPerPixel, 10);
  } else {
    header.writeUInt32LE(width, 4);
    header.writeInt32LE((topDown ? -height : height) | 0, 8);
    header.writeUInt16LE(1, 12);
    header.writeUInt16LE(bitsPerPixel, 14);
    header.writeUInt32LE(compression, 16);
    header.writeUInt32LE(palette.length === 2 ** bitsPerPixel ? 0 : palette.length, 32);
  }
  const maskBytes = Buffer.alloc(masks.length * 4);
  masks.forEach((mask, i) => {
    maskBytes.writeUInt32LE(mask, i * 4);
  });
  const isInside = headerSize > 40;
  if (isInside) maskBytes.copy(header, 40);
  const entries = palette.map(([red, green, blue]) => [blue, green, red, ...(headerSize === 12 ? [] : [0])]);
  return Buffer.concat([header, isInside ? Buffer.alloc(0) : maskBytes, Buffer.from(entries.flat())]);
}

/** Packs lines of samples of so many bits, the highest bits first, padded to whole 32-bit words. */
export function packLines(lines: readonly (readonly number[])[], bits: 1 | 4 | 8): Buffer {
  return Buffer.concat(
    lines.map((line) => {
      const bytes = Buffer.alloc(Math.ceil((line.length * bits) / 32) * 4);
      line.forEach((sample, x) => {
        bytes[(x * bits) >> 3]! |= sample << (8 - bits - ((x * bits) & 7));
      });
      return bytes;
    }),
  );
}

/** Writes each pixel as `size` little-endian bytes, lines padded to whole 32-bit words. */
export function pixelLines(lines: readonly (readonly number[])[], size: 2 | 3 | 4): Buffer {
  return Buffer.concat(
    lines.map((line) => {
      const bytes = Buffer.alloc(Math.ceil((line.length * size) / 4) * 4);
      line.forEach((pixel, x) => {
        bytes.writeUIntLE(pixel, x * size, size);
      });
      return bytes;
    }),
  );
}

export interface IcoFrame {
  /** What the directory says; 256 is written as 0. */
  width: number;
  height: number;
  bitsPerPixel: number;
  bytes: Uint8Array;
}

export function ico(frames: readonly IcoFrame[]): Buffer {
  const directory = Buffer.alloc(6 + frames.length * 16);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(frames.length, 4);
  let offset = directory.length;
  frames.forEach(({ width, height, bitsPerPixel, bytes }, index) => {
    const at = 6 + index * 16;
    directory[at] = width & 255;
    directory[at + 1] = height & 255;
    directory.writeUInt16LE(bitsPerPixel, at + 6);
    directory.writeUInt32LE(bytes.length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += bytes.length;
  });
  return Buffer.concat([directory, ...frames.map(({ bytes }) => bytes)]);
}

/** A bitmap as it stands in an icon: twice as high, with a mask of ones behind the colours. */
export function icoBitmap(options: BmpOptions): Buffer {
  const mask = Buffer.alloc(Math.ceil(options.width / 32) * 4 * options.height, 0xff);
  return Buffer.concat([dibHeader({ ...options, height: options.height * 2 }), options.pixels, mask]);
}

import type { Metadata } from 'sharp';

/** Layouts of decoded pixels, by their bytes for each pixel. */
const BYTES_PER_PIXEL = { GREY: 1, CLIPPED_GREY: 1, RGB: 3, LUMA: 1, CMYK: 4 } as const;

export type RasterLayout = keyof typeof BYTES_PER_PIXEL;

/**
 * A picture that would need more than this as red, green and blue is made grey by libvips: that takes a third of the
 * memory for the result, and three times as long as to read rows of red, green and blue.
 */
const LARGE_DECODE_BYTES = 240_000_000;

/** The lines that libvips holds on the way, for each pixel. */
const LINES_BYTES_PER_PIXEL = 0.2;

/** How often profiles and texts come to lie in memory with the pixels: a TIFF's, of which most copies are made. */
const COPIES_OF_METADATA = 16;

/** The parts of a picture's file that its decoder keeps in memory, as far as they are known. */
export interface HeldBytes {
  /**
   * Bytes of the file that the decoder maps, which count as memory of the process.
   * @default 0
   */
  mappedBytes?: number;
  /**
   * Bytes of all that the file has beside the pixels.
   * @default the profiles and texts that sharp found, with their copies
   */
  metadataBytes?: number;
  /**
   * Of a JPEG: 3 for 4:4:4, 1.5 for 4:2:0.
   * @default 4
   */
  samplesPerPixel?: number;
}

export function rasterLayout(metadata: Metadata, held: HeldBytes): RasterLayout {
  const { space, hasAlpha } = metadata;
  if (space === 'cmyk') return 'CMYK';
  if (space === 'b-w') return 'GREY';
  if (space === 'grey16' && !hasAlpha) return 'CLIPPED_GREY';
  return decodeBytes(metadata, 'RGB', held) > LARGE_DECODE_BYTES ? 'LUMA' : 'RGB';
}

/** About the bytes that libvips and its result take while a picture is decoded, measured with pictures of noise. */
export function decodeBytes(metadata: Metadata, layout: RasterLayout, held: HeldBytes): number {
  return bytesOf(metadata, held, BYTES_PER_PIXEL[layout] + LINES_BYTES_PER_PIXEL);
}

/** About the bytes that libvips takes while a picture is squeezed: the rows that one row of the result is made of. */
export function squeezeBytes(metadata: Metadata, held: HeldBytes): number {
  return bytesOf(metadata, held, frameBytesPerPixel(metadata) / 4);
}

function bytesOf(metadata: Metadata, held: HeldBytes, bytesPerPixel: number): number {
  const { width, height } = metadata;
  const perPixel = bytesPerPixel + heldBytesPerPixel(metadata, held);
  const metadataBytes = held.metadataBytes ?? foundBytes(metadata) * COPIES_OF_METADATA;
  return Math.ceil(width * height * perPixel) + (held.mappedBytes ?? 0) + metadataBytes;
}

function foundBytes({ exif, icc, iptc, xmp, tifftagPhotoshop }: Metadata): number {
  return [exif, icc, iptc, xmp, tifftagPhotoshop].reduce((sum, found) => sum + (found?.length ?? 0), 0);
}

/** Of the whole picture that a decoder holds: nothing where it goes row by row. */
function heldBytesPerPixel(metadata: Metadata, { samplesPerPixel = 4 }: HeldBytes): number {
  const frame = frameBytesPerPixel(metadata);
  switch (metadata.format) {
    case 'jpeg': // Two bytes for each coefficient, once there are several scans.
      return metadata.isProgressive ? 2 * samplesPerPixel : 0;
    case 'png':
      return metadata.isProgressive ? frame : 0;
    case 'tiff': // The strip may be the whole picture, and turning it takes another one.
      return (metadata.orientation ?? 1) === 1 ? frame : 2 * frame;
    case 'webp':
      return 7.5;
    default: // AVIF
      return (metadata.bitsPerSample ?? 16) > 8 ? 25 : 17.5;
  }
}

const BYTES_OF_DEPTH: Readonly<Record<string, number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  complex: 8,
  double: 8,
};

function frameBytesPerPixel({ channels, depth }: Metadata): number {
  return channels * (BYTES_OF_DEPTH[depth] ?? 16);
}

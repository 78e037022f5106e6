import sharp, { type Metadata, type Sharp } from 'sharp';
import { cmykRaster, type GreyRaster, grey16Raster, greyRaster, rgbRaster } from './grey-raster.js';
import { BrokenPictureError, type PictureHeader } from './picture-header.js';
import { type Raster, readRaster } from './raster.js';

// Pictures are read in parallel by several threads already, and none is read twice.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Above so many pixels libvips makes the grey: that takes a third of the memory, and three times as long as to read
 * rows of red, green and blue.
 */
const LARGE_PICTURE_PIXELS = 64_000_000;

/**
 * Opens a picture that libvips decodes, to the pixels that Pillow makes of it: no colour management, no alpha,
 * the first frame of several, and only such damage refused as Pillow refuses.
 *
 * @param input a path, or the bytes
 * @throws {BrokenPictureError} when there is no whole header
 */
export async function openWithSharp(input: string | Buffer, contentType: string): Promise<PictureHeader> {
  const isTiff = contentType === 'image/tiff';
  const picture = sharp(input, {
    // To libvips a TIFF that is cut off is an error; but so is a wrong code in a JPEG, which Pillow lets pass.
    failOn: isTiff ? 'error' : 'truncated',
    // The caller bounds the number of pixels, and has to know it first.
    limitInputPixels: false,
    ignoreIcc: true,
  });
  const metadata = await picture.metadata().catch(broken);
  // Pillow applies the orientation of a TIFF, and only of a TIFF.
  const { width, height } = isTiff ? metadata.autoOrient : metadata;
  if (isTiff) picture.autoOrient();
  const pixels = width * height;
  const layout = rasterLayout(metadata, pixels);
  return {
    width,
    height,
    decodeBytes: pixels * (BYTES_PER_PIXEL[layout] + decoderBytesPerPixel(metadata)),
    decode: () => decode(picture, layout).catch(broken),
    squeezed: () => squeezedInColour(input),
  };
}

type RasterLayout = 'GREY' | 'GREY16' | 'RGB' | 'LUMA' | 'CMYK';

const BYTES_PER_PIXEL: Readonly<Record<RasterLayout, number>> = {
  GREY: 1,
  GREY16: 2,
  RGB: 3,
  LUMA: 1,
  CMYK: 4,
};

function rasterLayout({ space, hasAlpha }: Metadata, pixels: number): RasterLayout {
  if (space === 'cmyk') return 'CMYK';
  if (space === 'b-w') return 'GREY';
  if (space === 'grey16' && !hasAlpha) return 'GREY16';
  return pixels > LARGE_PICTURE_PIXELS ? 'LUMA' : 'RGB';
}

async function decode(picture: Sharp, layout: RasterLayout): Promise<GreyRaster> {
  switch (layout) {
    case 'GREY':
      return raster(greyRaster, picture.toColourspace('b-w').extractChannel(0));
    case 'LUMA':
      return raster(greyRaster, lumaOf(picture));
    case 'RGB':
      return raster(rgbRaster, picture.removeAlpha());
    case 'CMYK':
      return raster(cmykRaster, picture.pipelineColourspace('cmyk').toColourspace('cmyk'));
    case 'GREY16': {
      const { data, info } = await raw(picture.toColourspace('grey16'), 'ushort');
      const samples = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
      return grey16Raster(samples, info.width, info.height, info.channels);
    }
  }
}

type MakeRaster = (samples: Uint8Array, width: number, height: number, channels: number) => GreyRaster;

async function raster(make: MakeRaster, picture: Sharp): Promise<GreyRaster> {
  const { data, info } = await raw(picture, 'uchar');
  return make(data, info.width, info.height, info.channels);
}

function raw(picture: Sharp, depth: 'uchar' | 'ushort') {
  return picture.raw({ depth }).toBuffer({ resolveWithObject: true });
}

/**
 * Makes the luma inside libvips, equal to `luma` for every colour: the weights are whole 65536ths, so that each
 * sum is exact in single precision, and half of one makes the cut to a byte a rounding.
 */
export function lumaOf(picture: Sharp): Sharp {
  const weights: [number, number, number] = [19595 / 65536, 38470 / 65536, 7471 / 65536];
  return picture
    .recomb([weights, [0, 0, 0], [0, 0, 0]])
    .linear(1, 0.5)
    .extractChannel(0);
}

/** About what libvips itself holds besides the answer: nothing where it goes row by row. */
function decoderBytesPerPixel({ format, isProgressive, orientation = 1 }: Metadata): number {
  if (format === 'jpeg' || format === 'png') return isProgressive ? 4 : 0;
  if (format === 'tiff') return orientation === 1 ? 0 : 4;
  return 8;
}

function broken(cause: unknown): never {
  throw new BrokenPictureError('The picture cannot be decoded.', { cause });
}

/** @throws {BrokenPictureError} when it cannot be decoded */
export function squeezedInColour(input: string | Buffer): Promise<Raster> {
  return readRaster(input).catch(broken);
}

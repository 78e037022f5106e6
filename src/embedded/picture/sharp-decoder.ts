import sharp, { type Sharp } from 'sharp';
import {
  decodeBytes,
  type HeldBytes,
  type RasterLayout,
  rasterLayout,
  squeezeBytes,
} from './decode-memory.js';
import { cmykRaster, type GreyRaster, greyRaster, rgbRaster } from './grey-raster.js';
import { BrokenPictureError, NotDecodedError, type PictureHeader } from './picture-header.js';
import { readRaster } from './read-raster.js';

// Pictures are read in parallel by several threads already, and none is read twice.
sharp.concurrency(1);
sharp.cache(false);

/** How often a small picture lies in memory while it is turned, flattened and encoded. */
const COPIES_OF_SHOWN = 4;

/**
 * Opens a picture that libvips decodes, to the pixels that Pillow makes of it: no colour management, no alpha,
 * the first frame of several, and only such damage refused as Pillow refuses.
 *
 * @param input a path, or the bytes
 * @param held the parts of the file that its decoder keeps in memory
 * @throws {BrokenPictureError} when there is no whole header
 * @throws {NotDecodedError} when libvips knows the kind of it and does not decode it
 */
export async function openWithSharp(
  input: string | Buffer,
  contentType: string,
  held: HeldBytes = {},
): Promise<PictureHeader> {
  const isTiff = contentType === 'image/tiff';
  // To libvips a TIFF that is cut off is an error; but so is a wrong code in a JPEG, which Pillow lets pass.
  const failOn = isTiff ? 'error' : 'truncated';
  const picture = sharp(input, {
    failOn,
    // The caller bounds the number of pixels, and has to know it first.
    limitInputPixels: false,
    ignoreIcc: true,
  });
  const metadata = await picture.metadata().catch(undecodable);
  // Pillow applies the orientation of a TIFF, and only of a TIFF.
  const { width, height } = isTiff ? metadata.autoOrient : metadata;
  if (isTiff) picture.autoOrient();
  const layout = rasterLayout(metadata, held);
  const squeezedBytes = squeezeBytes(metadata, held);
  return {
    width,
    height,
    upright: { width: metadata.autoOrient.width, height: metadata.autoOrient.height },
    decodeBytes: decodeBytes(metadata, layout, held),
    decode: () => decode(picture, layout).catch(undecodable),
    squeezedBytes,
    squeezed: () => readRaster(input, { failOn }).catch(undecodable),
    // Either way libvips goes row by row.
    shownBytes: (target) => squeezedBytes + COPIES_OF_SHOWN * 4 * target.width * target.height,
    shown: async () => sharp(input, { failOn, limitInputPixels: false }).autoOrient(),
  };
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
    case 'CLIPPED_GREY':
      return raster(greyRaster, picture.toColourspace('grey16'));
  }
}

type MakeRaster = (samples: Uint8Array, width: number, height: number, channels: number) => GreyRaster;

async function raster(make: MakeRaster, picture: Sharp): Promise<GreyRaster> {
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return make(data, info.width, info.height, info.channels);
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

/** Messages of the decoders below libvips about a kind that they know and were not built to decode. */
const NOT_DECODED =
  /unsupported (jpeg|colou?r conversion|feature|codec)|support is not configured|is not implemented/i;

/** Tells a failure of libvips over a picture as one of ours. */
export function undecodable(cause: unknown): never {
  if (cause instanceof Error && NOT_DECODED.test(cause.message))
    throw new NotDecodedError('The picture is of a kind that is not decoded.', { cause });
  throw new BrokenPictureError('The picture cannot be decoded.', { cause });
}

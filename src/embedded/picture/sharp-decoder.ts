import sharp, { type Metadata, type Sharp } from 'sharp';
import { cmykRaster, type GreyRaster, grey16Raster, greyRaster, rgbRaster } from './grey-raster.js';
import { BrokenPictureError, type PictureHeader } from './picture-header.js';
import { readRaster } from './raster.js';

// Pictures are read in parallel by several threads already, and none is read twice.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Opens a picture that libvips decodes, to the pixels that Pillow makes of it: no colour management, no alpha,
 * the first frame of several, and only those damages refused that Pillow refuses.
 *
 * @param input a path, or the bytes
 * @throws {BrokenPictureError} when there is no whole header
 */
export async function openWithSharp(input: string | Buffer): Promise<PictureHeader> {
  // The number of pixels is bounded by the caller, who wants to know it first.
  const picture = sharp(input, { failOn: 'truncated', limitInputPixels: false, ignoreIcc: true });
  const metadata = await picture.metadata().catch(broken);
  // Pillow applies the orientation of a TIFF, and only of a TIFF.
  const { width, height } = metadata.format === 'tiff' ? metadata.autoOrient : metadata;
  if (metadata.format === 'tiff') picture.autoOrient();
  return {
    width,
    height,
    decodeBytes: width * height * bytesPerPixel(metadata),
    decode: () => decode(picture, metadata).catch(broken),
    squeezed: () => readRaster(input).catch(broken),
  };
}

async function decode(picture: Sharp, { space, hasAlpha }: Metadata): Promise<GreyRaster> {
  if (space === 'cmyk') {
    const { data, info } = await raw(picture.pipelineColourspace('cmyk').toColourspace('cmyk'));
    return cmykRaster(data, info.width, info.height, info.channels);
  }
  if (space === 'grey16' && !hasAlpha) {
    const { data, info } = await raw(picture.toColourspace('grey16'), 'ushort');
    const samples = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
    return grey16Raster(samples, info.width, info.height, info.channels);
  }
  if (space === 'b-w' || space === 'grey16') {
    const { data, info } = await raw(picture.toColourspace('b-w').extractChannel(0));
    return greyRaster(data, info.width, info.height, info.channels);
  }
  const { data, info } = await raw(picture.removeAlpha());
  return rgbRaster(data, info.width, info.height, info.channels);
}

function raw(picture: Sharp, depth: 'uchar' | 'ushort' = 'uchar') {
  return picture.raw({ depth }).toBuffer({ resolveWithObject: true });
}

/** What the answer needs, and what the decoder needs that cannot go row by row. */
function bytesPerPixel({ format, space, isProgressive }: Metadata): number {
  const raster = space === 'b-w' ? 1 : space === 'grey16' ? 2 : space === 'cmyk' ? 4 : 3;
  const byRow = (format === 'jpeg' || format === 'png' || format === 'tiff') && !isProgressive;
  return byRow ? raster : raster + 4;
}

function broken(cause: unknown): never {
  throw new BrokenPictureError('The picture cannot be decoded.', { cause });
}

import type { Sharp } from 'sharp';
import type { Size } from '../../services/pictures.js';
import type { GreyCopy } from '../keypoints/detect.js';
import { luma } from './grey-raster.js';
import { isBlank } from './raster.js';

/** A smaller picture is enlarged until its longer side has so many pixels: in fewer there is hardly a keypoint. */
const LEAST_SIDE = 200;

/** The size of the small copy of a picture, with its aspect, and a longer side of so many pixels at most. */
export function copySize({ width, height }: Size, longest: number): Size {
  const long = Math.max(width, height);
  const scale = Math.min(longest, Math.max(LEAST_SIDE, long)) / long;
  const side = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  return { width: side(width), height: side(height) };
}

/**
 * A small copy of a picture in grey, on white. White things on a transparent ground are shown on black, as for hashes.
 *
 * @param picture as it is shown
 * @throws what sharp throws when the pixels cannot be decoded
 */
export async function greyCopy(picture: Sharp, { width, height }: Size): Promise<GreyCopy> {
  const { hasAlpha } = await picture.metadata();
  const lumaOn = async (background: string) =>
    lumaOf(
      await picture
        .clone()
        .flatten({ background })
        .resize(width, height, { fit: 'fill' })
        .toColourspace('srgb')
        .raw()
        .toBuffer(),
      width * height,
    );
  const onWhite = await lumaOn('#ffffff');
  if (!hasAlpha || !isBlank(onWhite)) return { luma: onWhite, width, height };
  return { luma: await lumaOn('#000000'), width, height };
}

/** @param rgb three bytes a pixel */
function lumaOf(rgb: Uint8Array, pixels: number): Uint8Array {
  const grey = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) grey[i] = luma(rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!);
  return grey;
}

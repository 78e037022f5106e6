import { open } from 'node:fs/promises';
import { describe, encodeDescriptor } from './descriptor.js';
import { openPicture, type PictureLimits, type ReserveBytes } from './open-picture.js';
import { nullIfBroken, type PictureHeader } from './picture-header.js';
import type { Raster } from './raster.js';
import { squeezedGrey } from './squeezed-grey.js';

/**
 * The encoded descriptor of a picture; null when the file is no picture that can be decoded.
 * Heavy on the processor: run it in a worker thread.
 *
 * @throws when the file cannot be read
 */
export async function describePicture(
  path: string,
  limits: PictureLimits,
  reserve: ReserveBytes,
): Promise<Uint8Array | null> {
  await using file = await open(path);
  const { header } = await openPicture(file, path, limits);
  if (!header) return null;
  await reserve(header.decodeBytes);
  const raster = await squeezed(header).catch(nullIfBroken);
  return raster && encodeDescriptor(describe(raster));
}

async function squeezed(header: PictureHeader): Promise<Raster> {
  return header.squeezed ? header.squeezed() : squeezedGrey(await header.decode());
}

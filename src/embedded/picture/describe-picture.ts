import { open } from 'node:fs/promises';
import { describe, encodeDescriptor } from './descriptor.js';
import { openPicture, type PictureLimits } from './open-picture.js';
import { nullIfBroken, type ReserveBytes, TooCostlyError } from './picture-header.js';

/**
 * The encoded descriptor of a picture; null when the file is no picture that can be decoded, or costs too much.
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
  try {
    const { header } = await openPicture(file, path, limits, reserve);
    if (!header) return null;
    await reserve(header.squeezedBytes);
    const raster = await header.squeezed().catch(nullIfBroken);
    return raster && encodeDescriptor(describe(raster));
  } catch (error) {
    if (error instanceof TooCostlyError) return null;
    throw error;
  }
}

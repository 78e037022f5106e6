import { open } from 'node:fs/promises';
import { describe, encodeDescriptor } from './descriptor.js';
import { openPicture, type PictureLimits } from './open-picture.js';
import { problemOf, type ReserveBytes } from './picture-header.js';

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
  const { header } = await openPicture(file, path, limits, reserve);
  if (!header) return null;
  try {
    await reserve(header.squeezedBytes);
    return encodeDescriptor(describe(await header.squeezed()));
  } catch (error) {
    problemOf(error);
    return null;
  }
}

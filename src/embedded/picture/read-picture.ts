import { open } from 'node:fs/promises';
import type { PictureFacts, PictureProblem } from '../../services/staged-image.js';
import { dHash } from './dhash.js';
import { openPicture, type PictureLimits, UNRECOGNISED } from './open-picture.js';
import { nullIfBroken, type ReserveBytes, TooCostlyError } from './picture-header.js';

/**
 * Reads what the bytes of a picture say. A file that is no picture, a broken or a too costly one, is an answer and not
 * an error.
 * Heavy on the processor: run it in a worker thread.
 *
 * @throws when the file cannot be read
 */
export async function readPicture(
  path: string,
  limits: PictureLimits,
  reserve: ReserveBytes,
): Promise<PictureFacts> {
  await using file = await open(path);
  let contentType = UNRECOGNISED;
  try {
    const picture = await openPicture(file, path, limits, reserve);
    const { header } = picture;
    contentType = picture.contentType;
    if (!header) return undecoded(contentType, picture.problem);
    await reserve(header.decodeBytes);
    const raster = await header.decode().catch(nullIfBroken);
    if (!raster) return undecoded(contentType, 'CUT_OFF');
    const { width, height } = header;
    return { contentType, width, height, perceptualHash: dHash(raster), problem: null };
  } catch (error) {
    if (error instanceof TooCostlyError) return undecoded(contentType, 'TOO_COSTLY');
    throw error;
  }
}

function undecoded(contentType: string, problem: PictureProblem | null): PictureFacts {
  return { contentType, width: null, height: null, perceptualHash: null, problem };
}

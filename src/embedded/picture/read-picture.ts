import { open } from 'node:fs/promises';
import type { PictureFacts, PictureProblem } from '../../services/staged-image.js';
import { describe, encodeDescriptor } from './descriptor.js';
import { dHash } from './dhash.js';
import { openPicture, type PictureLimits, UNRECOGNISED } from './open-picture.js';
import { problemOf, type ReserveBytes } from './picture-header.js';

/** To know that a file is an icon, the original decodes it. */
const ICON = 'image/x-icon';

/**
 * The facts of a picture, by its bytes. A file that is no picture, a broken or a too costly one has facts too, and is no
 * error. Heavy on the processor: run it in a worker thread.
 *
 * @throws when the file cannot be read
 */
export async function readPicture(
  path: string,
  limits: PictureLimits,
  reserve: ReserveBytes,
): Promise<PictureFacts> {
  await using file = await open(path);
  const picture = await openPicture(file, path, limits, reserve);
  const { contentType, header } = picture;
  if (!header) return undecoded(contentType, picture.problem);
  try {
    // Enough for both ways of decoding, so that a picture that has facts can be described too.
    await reserve(Math.max(header.decodeBytes, header.squeezedBytes));
    const { width, height } = header;
    return { contentType, width, height, perceptualHash: dHash(await header.decode()), problem: null };
  } catch (error) {
    const problem = problemOf(error);
    const isTyped = problem !== 'CUT_OFF' || contentType !== ICON;
    return undecoded(isTyped ? contentType : UNRECOGNISED, problem);
  }
}

function undecoded(contentType: string, problem: PictureProblem | null): PictureFacts {
  return { contentType, width: null, height: null, perceptualHash: null, problem };
}

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

import { open } from 'node:fs/promises';
import type {
  DescriptionUse,
  PictureDescription,
  PictureFacts,
  PictureProblem,
} from '../../services/staged-image.js';
import {
  ASKED_KEYPOINTS,
  ASKED_SIDE,
  encodeKeypoints,
  KEPT_KEYPOINTS,
  KEPT_SIDE,
} from '../keypoints/keypoints.js';
import { describe, encodeDescriptor } from './descriptor.js';
import { dHash } from './dhash.js';
import { copySize, greyCopy } from './grey-copy.js';
import { openPicture, type PictureLimits, UNRECOGNISED } from './open-picture.js';
import { type PictureHeader, problemOf, type ReserveBytes } from './picture-header.js';
import { undecodable } from './sharp-decoder.js';

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
    await reserve(Math.max(header.decodeBytes, describeBytes(header, ASKED_SIDE)));
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

/** About as many bytes as each of the two decodings of a description takes. */
function describeBytes({ squeezedBytes, shownBytes, upright }: PictureHeader, longSide: number): number {
  return Math.max(squeezedBytes, shownBytes(copySize(upright, longSide)));
}

/** A picture that is only asked about costs no memory, so more of its keypoints are used. */
const KEYPOINTS = {
  KEPT: { longSide: KEPT_SIDE, most: KEPT_KEYPOINTS },
  ASKED: { longSide: ASKED_SIDE, most: ASKED_KEYPOINTS },
} as const satisfies Record<DescriptionUse, object>;

/**
 * The description of a picture; null when the file is no picture that can be decoded, or costs too much. Heavy on the
 * processor: run it in a worker thread.
 *
 * @throws when the file cannot be read
 */
export async function describePicture(
  path: string,
  limits: PictureLimits,
  reserve: ReserveBytes,
  use: DescriptionUse = 'KEPT',
): Promise<PictureDescription | null> {
  await using file = await open(path);
  const { header } = await openPicture(file, path, limits, reserve);
  if (!header) return null;
  try {
    const { longSide, most } = KEYPOINTS[use];
    await reserve(describeBytes(header, longSide));
    const descriptor = encodeDescriptor(describe(await header.squeezed()));
    const size = copySize(header.upright, longSide);
    const copy = await greyCopy(await header.shown(size), size).catch(undecodable);
    return { descriptor, keypoints: encodeKeypoints(copy, most) };
  } catch (error) {
    problemOf(error);
    return null;
  }
}

import { type FileHandle, open } from 'node:fs/promises';
import type { PictureFacts, PictureProblem } from '../../services/staged-image.js';
import { openBmp } from './bmp.js';
import { SIGNATURE_BYTES, sniffContentType } from './content-type.js';
import { dHash } from './dhash.js';
import { readUpTo } from './file-bytes.js';
import { openGif } from './gif.js';
import { openIco } from './ico.js';
import { BrokenPictureError, type PictureHeader } from './picture-header.js';
import { openWithSharp } from './sharp-decoder.js';

export interface PictureLimits {
  /** A picture of more pixels is not decoded. */
  maxPixels: number;
}

/** Resolves when that many bytes may be allocated for decoding. */
export type ReserveBytes = (bytes: number) => Promise<void>;

/** The filter of the dHash holds some fifty bytes for each pixel of a side: a line of millions of pixels is a bomb. */
const MAX_SIDE = 1_000_000;

const UNRECOGNISED = 'application/octet-stream';

/**
 * Reads what the bytes of a picture say. A file that is no picture, or a broken one, is an answer and not an error.
 * Heavy on the processor: run it in a worker thread.
 *
 * @throws when the file cannot be read
 */
export async function readPicture(
  path: string,
  { maxPixels }: PictureLimits,
  reserve: ReserveBytes,
): Promise<PictureFacts> {
  await using file = await open(path);
  const head = await readUpTo(file, 0, SIGNATURE_BYTES);
  if (head.length === 0) return undecoded(UNRECOGNISED, 'EMPTY');
  const contentType = sniffContentType(head);
  if (contentType === null) return undecoded(UNRECOGNISED, 'NOT_AN_IMAGE');
  const openPicture = OPENERS.get(contentType);
  if (!openPicture) return undecoded(contentType, null);

  // As in the original, a type is believed only when the header behind the signature is whole.
  const header = await openPicture(file, path).catch(nullIfBroken);
  if (!header) return undecoded(UNRECOGNISED, 'CUT_OFF');
  const { width, height } = header;
  if (width * height > maxPixels || Math.max(width, height) > MAX_SIDE)
    return undecoded(UNRECOGNISED, 'TOO_MANY_PIXELS');

  await reserve(header.decodeBytes);
  const raster = await header.decode().catch(nullIfBroken);
  if (!raster) return undecoded(contentType, 'CUT_OFF');
  return { contentType, width, height, perceptualHash: dHash(raster), problem: null };
}

type OpenPicture = (file: FileHandle, path: string) => Promise<PictureHeader>;

/** The formats that are decoded here. The others that are recognised have a content type only. */
const OPENERS: ReadonlyMap<string, OpenPicture> = new Map([
  ...['image/jpeg', 'image/png', 'image/webp', 'image/tiff', 'image/avif'].map(
    (type): [string, OpenPicture] => [type, (_file, path) => openWithSharp(path, type)],
  ),
  ['image/gif', openGif],
  ['image/bmp', openBmp],
  ['image/x-icon', openIco],
]);

function undecoded(contentType: string, problem: PictureProblem | null): PictureFacts {
  return { contentType, width: null, height: null, perceptualHash: null, problem };
}

function nullIfBroken(error: unknown): null {
  if (error instanceof BrokenPictureError) return null;
  throw error;
}

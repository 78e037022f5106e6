import type { FileHandle } from 'node:fs/promises';
import type { PictureProblem } from '../../services/staged-image.js';
import { openBmp } from './bmp.js';
import { SIGNATURE_BYTES, sniffContentType } from './content-type.js';
import { readUpTo } from './file-bytes.js';
import { openGif } from './gif.js';
import { openIco } from './ico.js';
import { type PictureHeader, problemOf, type ReserveBytes } from './picture-header.js';
import { openAvif, openJpeg, openPng, openTiff, openWebp } from './sharp-formats.js';

export interface PictureLimits {
  /** A picture of more pixels is not decoded. */
  maxPixels: number;
}

/** A file whose pixels are not decoded yet; without a header there is nothing to decode. */
export type OpenedPicture =
  | { contentType: string; header: PictureHeader }
  | { contentType: string; header: null; problem: PictureProblem | null };

/** The filter of the dHash holds some fifty bytes for each pixel of a side: a line of millions of pixels is a bomb. */
const MAX_SIDE = 1_000_000;

/** The original opens no picture of more pixels, and so does not know its type. */
const MAX_TYPED_PIXELS = 178_956_970;

/** The content type of files that cannot be shown to be pictures. */
export const UNRECOGNISED = 'application/octet-stream';

/**
 * @param file the open file at the path; it must stay open until the picture is decoded
 */
export async function openPicture(
  file: FileHandle,
  path: string,
  { maxPixels }: PictureLimits,
  reserve: ReserveBytes,
): Promise<OpenedPicture> {
  const head = await readUpTo(file, 0, SIGNATURE_BYTES);
  if (head.length === 0) return unopened(UNRECOGNISED, 'EMPTY');
  const contentType = sniffContentType(head);
  if (contentType === null) return unopened(UNRECOGNISED, 'NOT_AN_IMAGE');
  const open = OPENERS.get(contentType);
  if (!open) return unopened(contentType, null);

  const header = await open(file, path, reserve).catch(problemOf);
  // As in the original, a type is believed only when the header behind the signature is whole.
  if (header === null) return unopened(contentType, null);
  if (typeof header === 'string') return unopened(UNRECOGNISED, header);
  const { width, height } = header;
  const pixels = width * height;
  if (pixels > maxPixels || Math.max(width, height) > MAX_SIDE)
    return unopened(pixels > MAX_TYPED_PIXELS ? UNRECOGNISED : contentType, 'TOO_MANY_PIXELS');
  return { contentType, header };
}

type Open = (file: FileHandle, path: string, reserve: ReserveBytes) => Promise<PictureHeader>;

/** The formats that are decoded here. The others that are recognised have a content type only. */
const OPENERS: ReadonlyMap<string, Open> = new Map([
  ['image/jpeg', openJpeg],
  ['image/png', openPng],
  ['image/webp', openWebp],
  ['image/avif', openAvif],
  ['image/tiff', openTiff],
  ['image/gif', openGif],
  ['image/bmp', openBmp],
  ['image/x-icon', (file, _path, reserve) => openIco(file, reserve)],
]);

function unopened(contentType: string, problem: PictureProblem | null): OpenedPicture {
  return { contentType, header: null, problem };
}

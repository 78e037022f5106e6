import { type FileHandle, open } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import { type ThumbnailFormat, type ThumbnailKind, thumbnailSize } from '../../services/pictures.js';
import { readJpegSegments } from './jpeg-segments.js';
import { openPicture, type PictureLimits } from './open-picture.js';
import { type PictureHeader, problemOf, type ReserveBytes } from './picture-header.js';
import type { PictureShape } from './picture-pool.js';
import { undecodable } from './sharp-decoder.js';

/**
 * The facts that the header of a picture tells; null when the file is no picture that is decoded.
 *
 * @param isWhole false for a file with the beginning of a picture only: it gives the same as the whole one, or null
 * @throws when the file cannot be read
 */
export async function readShape(
  path: string,
  isWhole: boolean,
  limits: PictureLimits,
  reserve: ReserveBytes,
): Promise<PictureShape | null> {
  await using file = await open(path);
  const { contentType, header } = await openPicture(file, path, limits, reserve);
  if (!header || !(isWhole || tellsSize(file, contentType))) return null;
  const { width, height, upright } = header;
  return { contentType, width, height, upright };
}

/** Whether nothing that follows a header that could be read can change the size: other formats have the orientation behind it. */
function tellsSize(file: FileHandle, contentType: string): boolean {
  if (contentType === 'image/jpeg') return readJpegSegments(file).scan !== null;
  return contentType === 'image/png' || contentType === 'image/gif' || contentType === 'image/bmp';
}

/**
 * A thumbnail, encoded; null when the file is no picture that can be decoded, or costs too much.
 * Heavy on the processor: run it in a worker thread.
 *
 * @throws when the file cannot be read
 */
export async function makeThumbnail(
  path: string,
  { width: longest, format }: ThumbnailKind,
  limits: PictureLimits,
  reserve: ReserveBytes,
): Promise<Uint8Array | null> {
  await using file = await open(path);
  const { header } = await openPicture(file, path, limits, reserve);
  if (!header) return null;
  const size = thumbnailSize(header.upright, longest);
  try {
    await reserve(header.shownBytes(size));
    return await encode(await header.shown(size), size, format);
  } catch (error) {
    problemOf(error);
    return null;
  }
}

/** Without metadata, as libvips writes none by itself, and with the colours of an embedded profile as those of sRGB. */
function encode(picture: Sharp, { width, height }: PictureHeader['upright'], format: ThumbnailFormat) {
  // Both sides are given, so that they are exactly what was told.
  const resized = picture.resize(width, height, { fit: 'fill' }).toColourspace('srgb');
  const encoded =
    format === 'webp'
      ? resized.webp({ quality: QUALITY })
      : resized.flatten({ background: '#ffffff' }).jpeg({ quality: QUALITY });
  return encoded.toBuffer().catch(undecodable);
}

const QUALITY = 80;

import { bucketProblem } from '../services/bucket.js';
import { isContentHash } from '../services/content-hash.js';
import { imageIdProblem } from '../services/image-id.js';
import {
  THUMBNAIL_FORMATS,
  THUMBNAIL_WIDTHS,
  type ThumbnailFormat,
  type ThumbnailWidth,
} from '../services/pictures.js';
import { isStorable } from '../services/storable-text.js';
import type { ImageKey } from '../services/visualsnoop.js';

/**
 * What the path of a picture names. That of an image names its collection, its id and its bytes: it is good for those who may
 * see the image only, and as long as the image has these bytes.
 */
export interface PictureTarget {
  contentHash: string;
  /** Null for an entry of imgcache. */
  image: ImageKey | null;
  /**
   * Of an entry.
   * @default the bucket of calls that name none
   */
  bucket?: string | undefined;
  /** Null for the bytes themselves. */
  thumbnail: ThumbnailTarget | null;
}

export interface ThumbnailTarget {
  width: ThumbnailWidth;
  /** Null leaves the choice to the `Accept` of the request. */
  format: ThumbnailFormat | null;
}

const PREFIXES = ['/files/', '/thumbnails/', '/collections/', '/buckets/'];

/** Whether a path is one of those of pictures, or of none. */
export function isPicturePath(path: string): boolean {
  return PREFIXES.some((prefix) => path.startsWith(prefix));
}

/** The path of a target; every target has one path only, which is what a signature is good for. */
export function picturePath({ contentHash, image, bucket, thumbnail }: PictureTarget): string {
  const file = thumbnail && `${thumbnail.width}${thumbnail.format ? `.${thumbnail.format}` : ''}`;
  if (!image) {
    const start = bucket === undefined ? '' : `/buckets/${encodeURIComponent(bucket)}`;
    return start + (file ? `/thumbnails/${contentHash}/${file}` : `/files/${contentHash}`);
  }
  const { collectionId, imageId } = image;
  const path = `/collections/${encodeURIComponent(collectionId)}/images/${encodeURIComponent(imageId)}/${contentHash}`;
  return file ? `${path}/${file}` : path;
}

const IN_BUCKET = /^\/buckets\/([^/]*)(\/.*)$/;
const ENTRY_FILE = /^\/files\/([^/]+)$/;
const ENTRY_THUMBNAIL = /^\/thumbnails\/([^/]+)\/([^/]+)$/;
const IMAGE = /^\/collections\/([^/]+)\/images\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/;

/**
 * Reads a path, percent-encoded as it was sent; null when it is that of no picture, whatever there is.
 * @returns null also for widths and formats that there are not
 */
export function parsePicturePath(path: string): PictureTarget | null {
  const [, name, rest = ''] = IN_BUCKET.exec(path) ?? [];
  if (name !== undefined) {
    const bucket = bucketOf(name);
    const target = bucket === null ? null : parseEntryPath(rest);
    return target && { ...target, bucket: bucket! };
  }
  return parseEntryPath(path) ?? parseImagePath(path);
}

function parseEntryPath(path: string): PictureTarget | null {
  const [, contentHash = ''] = ENTRY_FILE.exec(path) ?? [];
  if (contentHash) return targetOf(contentHash, null);
  const [, entryHash = '', entryThumbnail] = ENTRY_THUMBNAIL.exec(path) ?? [];
  return entryHash ? targetOf(entryHash, null, entryThumbnail) : null;
}

function parseImagePath(path: string): PictureTarget | null {
  const [, collection, image, imageHash = '', imageThumbnail] = IMAGE.exec(path) ?? [];
  const key = imageKeyOf(collection, image);
  return key && targetOf(imageHash, key, imageThumbnail);
}

function targetOf(contentHash: string, image: ImageKey | null, file?: string): PictureTarget | null {
  const thumbnail = file === undefined ? null : parseThumbnail(file);
  if (!isContentHash(contentHash) || (file !== undefined && !thumbnail)) return null;
  return { contentHash, image, thumbnail };
}

function parseThumbnail(file: string): ThumbnailTarget | null {
  const [, digits, ending] = /^(\d+)(?:\.([a-z]+))?$/.exec(file) ?? [];
  const width = THUMBNAIL_WIDTHS.find((known) => String(known) === digits);
  const format = THUMBNAIL_FORMATS.find((known) => known === ending) ?? null;
  return width === undefined || (ending !== undefined && !format) ? null : { width, format };
}

function bucketOf(text: string): string | null {
  try {
    const bucket = decodeURIComponent(text);
    return bucketProblem(bucket) === null ? bucket : null;
  } catch {
    return null; // No valid percent-encoding.
  }
}

function imageKeyOf(collection: string | undefined, image: string | undefined): ImageKey | null {
  if (collection === undefined || image === undefined) return null;
  try {
    const [collectionId, imageId] = [decodeURIComponent(collection), decodeURIComponent(image)];
    return isStorable(collectionId) && !imageIdProblem(imageId) ? { collectionId, imageId } : null;
  } catch {
    return null; // No valid percent-encoding.
  }
}

/** Gives the address of a picture, for responses. */
export type AddressOf = (target: PictureTarget) => string;

/**
 * @param publicUrl the base, which may have a path of its own; known once the server listens
 * @param signer gives null where everybody may see everything
 */
export function createAddressOf(
  publicUrl: () => string,
  signer: () => { sign(path: string): string } | null,
): AddressOf {
  return (target) => {
    const path = picturePath(target);
    return `${publicUrl()}${path}${signer()?.sign(path) ?? ''}`;
  };
}

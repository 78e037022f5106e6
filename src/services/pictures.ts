import type { Readable } from 'node:stream';
import type { CallSignal } from './call-signal.js';
import type { ByteRange } from './entry.js';
import type { ServiceName } from './errors.js';

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The longest sides of thumbnails: few, so that nobody fills a disk or the processors with sizes. */
export const THUMBNAIL_WIDTHS = [160, 320, 640, 1280] as const;
export type ThumbnailWidth = (typeof THUMBNAIL_WIDTHS)[number];

/** The formats of thumbnails, as the endings of their addresses. */
export const THUMBNAIL_FORMATS = ['webp', 'jpg'] as const;
export type ThumbnailFormat = (typeof THUMBNAIL_FORMATS)[number];

export interface ThumbnailKind {
  width: ThumbnailWidth;
  format: ThumbnailFormat;
}

/** The size of a thumbnail: the picture's own shape, not larger than it, and at least one pixel each way. */
export function thumbnailSize({ width, height }: Size, longest: ThumbnailWidth): Size {
  const scale = Math.min(1, longest / Math.max(width, height));
  const scaled = (side: number) => Math.max(1, Math.round(side * scale));
  return { width: scaled(width), height: scaled(height) };
}

/** Names bytes that a service keeps. Whoever asks for them has found out that they may be seen. */
export interface PictureSource {
  service: ServiceName;
  contentHash: string;
  /**
   * Of an entry.
   * @default the bucket of calls that name none
   */
  bucket?: string | undefined;
}

/** The facts of a picture that its header tells. */
export interface StoredPicture extends Size {
  contentType: string;
  fileSizeBytes: number;
  /** Its size as it is shown, after any EXIF rotation; `width` and `height` are those before. */
  upright: Size;
}

/** So many thumbnails wait to be made that no other one may. */
export class TooManyThumbnailsError extends Error {
  constructor(waiting: number) {
    super(`${waiting} thumbnails wait to be made already. Try again later.`);
    this.name = 'TooManyThumbnailsError';
  }
}

/** What is made of the pictures that the services keep. Null stands for bytes that are gone or no picture that is decoded. */
export interface Pictures {
  find(source: PictureSource, signal?: CallSignal): Promise<StoredPicture | null>;

  /** The bytes themselves. */
  open(source: PictureSource, range?: ByteRange, signal?: CallSignal): Promise<Readable | null>;

  /**
   * The bytes of a thumbnail: upright, of the first frame, in sRGB, without metadata, of the size that `thumbnailSize` gives.
   * @throws TooManyThumbnailsError
   */
  thumbnail(source: PictureSource, kind: ThumbnailKind, signal?: CallSignal): Promise<Uint8Array | null>;
}

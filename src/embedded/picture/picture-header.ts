import type { Sharp } from 'sharp';
import type { Size } from '../../services/pictures.js';
import type { PictureProblem } from '../../services/staged-image.js';
import type { GreyRaster } from './grey-raster.js';
import type { Raster } from './raster.js';

/**
 * Resolves when that many bytes may be taken; what was reserved before is given back first.
 * @throws {TooCostlyError} when one picture never gets so many
 */
export type ReserveBytes = (bytes: number) => Promise<void>;

/** A picture whose header is read, ready to be decoded. */
export interface PictureHeader {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Its size as it is shown, after any EXIF rotation. */
  readonly upright: Size;
  /** About as many bytes as `decode` takes. */
  readonly decodeBytes: number;
  /** @throws {BrokenPictureError} when the pixels are cut off or damaged */
  decode(): Promise<GreyRaster>;
  /** About as many bytes as `squeezed` takes. */
  readonly squeezedBytes: number;
  /**
   * Decodes it to the small raster that its descriptor is made of.
   * @throws {BrokenPictureError} as above
   */
  squeezed(): Promise<Raster>;
  /** About as many bytes as making a picture of the target's size takes. */
  shownBytes(target: Size): number;
  /**
   * Opens it as it is shown: upright, in its colours and with its transparency. What is wrong with its pixels may show only
   * when they are read.
   * @param target the size that it is needed in: it may have more pixels, but not fewer unless it has no more
   * @throws {BrokenPictureError} as above
   */
  shown(target: Size): Promise<Sharp>;
}

/** The bytes are not what their signature promises: cut off, or damaged. */
export class BrokenPictureError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BrokenPictureError';
  }
}

/** The bytes may be whole, but are of a kind that is not decoded here, like HEIC: that is no damage. */
export class NotDecodedError extends Error {}

/** Decoding would take more memory or time than one picture is given, whatever else goes on. */
export class TooCostlyError extends Error {}

/**
 * The problem that an error of opening or decoding a picture stands for, for a `catch`; null for a kind that is not
 * decoded, which is no problem of its bytes.
 *
 * @throws the error when it is another one
 */
export function problemOf(error: unknown): PictureProblem | null {
  if (error instanceof NotDecodedError) return null;
  if (error instanceof BrokenPictureError) return 'CUT_OFF';
  if (error instanceof TooCostlyError) return 'TOO_COSTLY';
  throw error;
}

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

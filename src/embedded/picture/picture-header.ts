import type { GreyRaster } from './grey-raster.js';
import type { Raster } from './raster.js';

/** What is known of a picture before its pixels are decoded. */
export interface PictureHeader {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** About as many bytes as decoding allocates. */
  readonly decodeBytes: number;
  /** @throws {BrokenPictureError} when the pixels are cut off or damaged */
  decode(): Promise<GreyRaster>;
  /**
   * Decodes it to what its descriptor is made of; absent where that is made of the grey of `decode`.
   * @throws {BrokenPictureError} as above
   */
  squeezed?(): Promise<Raster>;
}

/** The bytes are not what their signature promises: cut off, or damaged. */
export class BrokenPictureError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BrokenPictureError';
  }
}

/** For a `catch`: a broken picture is an answer. */
export function nullIfBroken(error: unknown): null {
  if (error instanceof BrokenPictureError) return null;
  throw error;
}

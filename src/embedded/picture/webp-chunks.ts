import type { FileHandle } from 'node:fs/promises';
import { ByteReader } from './byte-reader.js';
import { BrokenPictureError, TooCostlyError } from './picture-header.js';

const RIFF_HEADER_LENGTH = 12;
/** libwebp walks over all frames before each one, also when only the first is wanted. */
const MAX_FRAMES = 5000;

const METADATA = ['ICCP', 'EXIF', 'XMP '];

/**
 * How long the profile and the texts of a WebP are. A file that ends too early has what was seen of it.
 *
 * @throws {TooCostlyError} when an animation has so many frames that counting them takes seconds
 */
export function webpMetadataBytes(file: FileHandle): number {
  let bytes = 0;
  const reader = new ByteReader(file.fd, RIFF_HEADER_LENGTH);
  try {
    for (let frames = 0; frames <= MAX_FRAMES; ) {
      const type = reader.bytes(4).toString('latin1');
      const length = reader.bytes(4).readUInt32LE();
      if (type === 'ANMF') frames++;
      if (METADATA.includes(type)) bytes += length;
      reader.skip(length + (length % 2));
    }
  } catch (error) {
    if (error instanceof BrokenPictureError) return bytes; // The end of the file.
    throw error;
  }
  throw new TooCostlyError(`The animation has more than ${MAX_FRAMES} frames.`);
}

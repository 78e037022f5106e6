import type { FileHandle } from 'node:fs/promises';
import { constants, inflateSync } from 'node:zlib';
import { ByteReader } from './byte-reader.js';
import { BrokenPictureError } from './picture-header.js';

const SIGNATURE_LENGTH = 8;
const CHECKSUM_LENGTH = 4;
/** A compressed text ends here: what is longer is too long in any case. */
const MAX_INFLATED_BYTES = 32 * 1024 * 1024;
/** The decoder drops a damaged text, but only once it has inflated it: a thousand of them would take a minute. */
const DAMAGED_TEXT_BYTES = 4 * 1024 * 1024;

/** Where the compressed text of a chunk begins; null when there is none. */
const COMPRESSED_AT: Readonly<Record<string, (data: Buffer) => number | null>> = {
  zTXt: (data) => afterKeyword(data) + 1,
  iCCP: (data) => afterKeyword(data) + 1,
  iTXt: (data) => {
    const keyword = afterKeyword(data);
    if (data[keyword] !== 1) return null;
    const language = data.indexOf(0, keyword + 2);
    return data.indexOf(0, language + 1) + 1;
  },
};

function afterKeyword(data: Buffer): number {
  return data.indexOf(0) + 1;
}

/**
 * How long the texts and profiles before the pixels of a PNG are once they are inflated: a few kilobytes may become a
 * gigabyte. A file that ends too early has what was seen of it.
 *
 * @param start where in the file the PNG begins
 */
export function pngMetadataBytes(file: FileHandle, start = 0): number {
  const reader = new ByteReader(file.fd, start + SIGNATURE_LENGTH);
  let bytes = 0;
  try {
    while (bytes <= MAX_INFLATED_BYTES) {
      const length = reader.bytes(4).readUInt32BE();
      const type = reader.bytes(4).toString('latin1');
      if (type === 'IDAT' || type === 'IEND') return bytes;
      const compressedAt = COMPRESSED_AT[type];
      if (!compressedAt || length > MAX_INFLATED_BYTES) reader.skip(length);
      else bytes += inflatedLength(reader.bytes(length), compressedAt);
      bytes += length;
      reader.skip(CHECKSUM_LENGTH);
    }
  } catch (error) {
    if (!(error instanceof BrokenPictureError)) throw error;
  }
  return bytes;
}

function inflatedLength(data: Buffer, compressedAt: (data: Buffer) => number | null): number {
  const at = compressedAt(data);
  if (at === null) return 0;
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_INFLATED_BYTES };
    return inflateSync(data.subarray(at), options).length;
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLong ? MAX_INFLATED_BYTES : DAMAGED_TEXT_BYTES;
  }
}

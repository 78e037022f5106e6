import type { FileHandle } from 'node:fs/promises';
import { constants, crc32, inflateSync } from 'node:zlib';
import { ByteReader } from './byte-reader.js';
import { BrokenPictureError } from './picture-header.js';

const SIGNATURE_LENGTH = 8;
/** As much of a chunk is held at a time, unless it has to be inflated. */
const BLOCK_LENGTH = 64 * 1024;
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
 * gigabyte. As Pillow does, it refuses any chunk before the pixels whose checksum is wrong, and none behind.
 *
 * @param start where in the file the PNG begins
 * @throws {BrokenPictureError} when a chunk before the pixels is cut off or damaged
 */
export function pngMetadataBytes(file: FileHandle, start = 0): number {
  const reader = new ByteReader(file.fd, start + SIGNATURE_LENGTH);
  let bytes = 0;
  while (bytes <= MAX_INFLATED_BYTES) {
    const head = Buffer.from(reader.bytes(8));
    const length = head.readUInt32BE();
    const type = head.toString('latin1', 4);
    if (type === 'IDAT' || type === 'IEND') break;
    const compressedAt = COMPRESSED_AT[type];
    const typeCrc = crc32(head.subarray(4));
    let crc: number;
    if (compressedAt && length <= MAX_INFLATED_BYTES) {
      const data = reader.bytes(length);
      bytes += inflatedLength(data, compressedAt);
      crc = crc32(data, typeCrc);
    } else {
      crc = crcOf(reader, length, typeCrc);
    }
    if (crc !== reader.bytes(4).readUInt32BE())
      throw new BrokenPictureError(`The checksum of the chunk ${type} is wrong.`);
    bytes += length;
  }
  return bytes;
}

function crcOf(reader: ByteReader, length: number, crc: number): number {
  let sum = crc;
  for (let left = length; left > 0; left -= BLOCK_LENGTH)
    sum = crc32(reader.bytes(Math.min(left, BLOCK_LENGTH)), sum);
  return sum;
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

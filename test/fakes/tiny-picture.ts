import { crc32, deflateSync, inflateSync } from 'node:zlib';
import type { PictureFacts } from '#src/services/staged-image.js';
import { NO_PICTURE } from './memory-staging.js';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const COLUMNS = 9;
const ROWS = 8;

/**
 * A grey PNG of 9 by 8 pixels that has a given dHash: at this size the pixels are the ones that the hash compares.
 *
 * @param hash 16 hex digits
 * @param label makes other bytes of the same picture
 */
export function tinyPicture(hash: string, label = ''): Buffer {
  const bits = BigInt(`0x${hash}`).toString(2).padStart(64, '0');
  const scanlines = Array.from({ length: ROWS }, (_, row) => scanline(bits.slice(row * 8, row * 8 + 8)));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(COLUMNS, 0);
  header.writeUInt32BE(ROWS, 4);
  header[8] = 8;
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(`Comment\0${label}`)),
    chunk('IDAT', deflateSync(Buffer.concat(scanlines))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** What a tiny picture's bytes say; anything else is no picture. */
export function tinyPictureFacts(bytes: Buffer): PictureFacts {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return NO_PICTURE;
  const data = bytes.indexOf('IDAT');
  const pixels = inflateSync(bytes.subarray(data + 4, data + 4 + bytes.readUInt32BE(data - 4)));
  let bits = '';
  for (let row = 0; row < ROWS; row++)
    for (let column = 1; column < COLUMNS; column++) {
      const at = row * (COLUMNS + 1) + 1 + column;
      bits += pixels[at]! > pixels[at - 1]! ? '1' : '0';
    }
  const perceptualHash = BigInt(`0b${bits}`).toString(16).padStart(16, '0');
  return { contentType: 'image/png', width: COLUMNS, height: ROWS, perceptualHash, problem: null };
}

/** A filter byte and nine levels of grey, each brighter than the one before where the bit is set. */
function scanline(bits: string): Buffer {
  const levels = [128];
  for (const bit of bits) levels.push(levels.at(-1)! + (bit === '1' ? 15 : -15));
  return Buffer.from([0, ...levels]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

import type { ByteReader } from './byte-reader.js';

const END_OF_LINE = 0;
const END_OF_BITMAP = 1;
const DELTA = 2;

/**
 * Unpacks run-length encoded palette indices, one a byte, in the order of the file. Pixels that are skipped get
 * index 0; what a run has too much for its line is dropped.
 *
 * @param packed stands at the first run
 * @param bits of an index in `packed`
 * @throws {BrokenPictureError} when the file ends before the last line
 */
export function unpackRle(packed: ByteReader, width: number, height: number, bits: 4 | 8): Uint8Array {
  const indices = new Uint8Array(width * height);
  let x = 0;
  let y = 0;

  /** Puts indices out of bytes that are used over and over again. */
  function putRun(count: number, bytes: Uint8Array): void {
    const end = Math.min(x + count, width);
    for (let i = 0; x < end; x++, i++) {
      const byte = bytes[((i * bits) >> 3) % bytes.length]!;
      indices[y * width + x] = bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15;
    }
  }

  while (y < height && !(y === height - 1 && x === width)) {
    const count = packed.byte();
    const value = packed.byte();
    if (count > 0) {
      putRun(count, Uint8Array.of(value));
    } else if (value === END_OF_LINE) {
      x = 0;
      y++;
    } else if (value === END_OF_BITMAP) {
      break;
    } else if (value === DELTA) {
      x = Math.min(x + packed.byte(), width);
      y += packed.byte();
    } else {
      // Single pixels; they fill whole words.
      putRun(value, packed.bytes(Math.ceil((value * bits) / 16) * 2));
    }
  }
  return indices;
}

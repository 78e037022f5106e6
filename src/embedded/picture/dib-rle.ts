import { BrokenPictureError } from './picture-header.js';

const END_OF_LINE = 0;
const END_OF_BITMAP = 1;
const DELTA = 2;

/**
 * Unpacks run-length encoded palette indices, one a byte, in the order of the file. It reads as Pillow does, also
 * where Pillow is off: an absolute run of an odd number of 4-bit pixels loses its last one, an empty line is
 * no line, and the run behind the last pixel of a line is dropped.
 *
 * @throws {BrokenPictureError} when the data end before the last pixel
 */
export function unpackRle(packed: Uint8Array, width: number, height: number, bits: 4 | 8): Uint8Array {
  const indices = new Uint8Array(width * height);
  let filled = 0;
  let x = 0;
  let at = 0;

  const put = (index: number) => {
    if (filled < indices.length) indices[filled] = index;
    filled++;
  };

  while (filled < indices.length && at + 1 < packed.length) {
    const count = packed[at++]!;
    const value = packed[at++]!;
    if (count > 0) {
      const run = Math.max(0, Math.min(count, width - x));
      for (let i = 0; i < run; i++) put(bits === 8 ? value : i % 2 === 0 ? value >> 4 : value & 15);
      x += run;
    } else if (value === END_OF_LINE) {
      filled = Math.ceil(filled / width) * width;
      x = 0;
    } else if (value === END_OF_BITMAP) {
      break;
    } else if (value === DELTA) {
      filled += (packed[at] ?? 0) + (packed[at + 1] ?? 0) * width;
      at += 2;
      x = filled % width;
    } else {
      const end = at + (bits === 8 ? value : value >> 1);
      for (; at < end && at < packed.length; at++) {
        if (bits === 4) put(packed[at]! >> 4);
        put(bits === 8 ? packed[at]! : packed[at]! & 15);
      }
      x += value;
      at += at % 2;
    }
  }
  if (filled < indices.length) throw new BrokenPictureError('The runs of the bitmap end too early.');
  return indices;
}

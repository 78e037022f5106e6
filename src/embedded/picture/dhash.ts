import type { GreyRaster } from './grey-raster.js';
import { HALF, lanczosWindows, toSample, type Window } from './lanczos.js';
import { NarrowRows } from './narrow-rows.js';

const COLUMNS = 9;
const ROWS = 8;

/**
 * The difference hash: the picture is resized to 9 × 8 grey pixels; a bit says that a pixel is brighter than its
 * left neighbour. Rows first, most significant bit first. Equal to imagehash's `dhash` on Pillow, bit for bit.
 *
 * @returns 16 lower-case hex digits
 */
export function dHash(raster: GreyRaster): string {
  const narrow = narrowed(raster);
  let hash = '';
  for (const window of lanczosWindows(raster.height, ROWS)) {
    let bits = 0;
    for (let x = 0; x + 1 < COLUMNS; x++) {
      const isBrighter = columnSample(narrow, x + 1, window) > columnSample(narrow, x, window);
      bits = (bits << 1) | (isBrighter ? 1 : 0);
    }
    hash += bits.toString(16).padStart(2, '0');
  }
  return hash;
}

/** Every row of the picture resized to 9 samples, rounded to bytes as Pillow does between its two passes. */
function narrowed({ width, height, readRow }: GreyRaster): Uint8Array {
  const rows = new NarrowRows(width, COLUMNS);
  const narrow = new Uint8Array(height * COLUMNS);
  for (let y = 0; y < height; y++) {
    readRow(y, rows.row);
    rows.resize();
    narrow.set(rows.narrow, y * COLUMNS);
  }
  return narrow;
}

function columnSample(narrow: Uint8Array, x: number, { first, weights }: Window): number {
  let sum = HALF;
  for (let i = 0; i < weights.length; i++) sum += narrow[(first + i) * COLUMNS + x]! * weights[i]!;
  return toSample(sum);
}

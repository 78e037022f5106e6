import type { GreyRaster } from './grey-raster.js';
import { type Raster, readRaster } from './raster.js';

/** What is looked at of a picture of which only the luma was decoded: it counts as grey. */
export async function squeezedGrey({ width, height, readRow }: GreyRaster): Promise<Raster> {
  const samples = new Uint8Array(width * height);
  const row = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    readRow(y, row);
    samples.set(row, y * width);
  }
  return readRaster(samples, { width, height, channels: 1 });
}

import sharp from 'sharp';
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
  // In a form that is read, and squeezed, as any other picture.
  const picture = sharp(samples, { raw: { width, height, channels: 1 }, limitInputPixels: false });
  return readRaster(await picture.tiff({ compression: 'none' }).toBuffer());
}

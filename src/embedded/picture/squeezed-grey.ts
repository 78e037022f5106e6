import sharp from 'sharp';
import type { GreyRaster } from './grey-raster.js';
import { RASTER_SIZE, type Raster, rasterFromRgb } from './raster.js';

/** What is looked at of a picture of which only the luma was decoded: it counts as grey. */
export async function squeezedGrey({ width, height, readRow }: GreyRaster): Promise<Raster> {
  const samples = new Uint8Array(width * height);
  const row = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    readRow(y, row);
    samples.set(row, y * width);
  }
  const rgb = await sharp(samples, { raw: { width, height, channels: 1 }, limitInputPixels: false })
    .resize(RASTER_SIZE, RASTER_SIZE, { fit: 'fill' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  return rasterFromRgb(rgb, width / height);
}

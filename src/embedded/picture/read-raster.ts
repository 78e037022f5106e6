// Apart from raster.ts, so that what looks at rasters, as searches do, does not load the decoder: it takes a tenth of a second.
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { isBlank, RASTER_SIZE, type Raster } from './raster.js';

/**
 * Decodes a picture (bytes, or the path of a file): EXIF orientation applied, the first frame of an animation.
 * @throws what sharp throws when the bytes cannot be decoded
 */
export async function readRaster(
  input: string | Uint8Array,
  { failOn = 'error' }: Pick<SharpOptions, 'failOn'> = {},
): Promise<Raster> {
  // The caller bounds the number of pixels.
  const picture = sharp(input, { failOn, limitInputPixels: false });
  const { autoOrient, hasAlpha } = await picture.metadata();
  return squeezed(picture.autoOrient(), hasAlpha, autoOrient.width / autoOrient.height);
}

/** Makes a raster of samples that are decoded already, a byte each. */
export function rasterFromSamples(
  samples: Uint8Array,
  layout: { width: number; height: number; channels: 1 | 4 },
  aspect: number,
): Promise<Raster> {
  return squeezed(sharp(samples, { raw: layout, limitInputPixels: false }), layout.channels === 4, aspect);
}

/**
 * Transparency is shown on white. White things on a transparent ground are shown on black, or they would all be one
 * blank page.
 */
async function squeezed(picture: Sharp, hasAlpha: boolean, aspect: number): Promise<Raster> {
  const pixelsOn = (background: string) =>
    picture
      .clone()
      .flatten({ background })
      .resize(RASTER_SIZE, RASTER_SIZE, { fit: 'fill' })
      .toColourspace('srgb')
      .raw()
      .toBuffer();
  const onWhite = await pixelsOn('#ffffff');
  if (!hasAlpha || !isBlank(onWhite)) return rasterFromRgb(onWhite, aspect);
  const onBlack = await pixelsOn('#000000');
  return rasterFromRgb(isBlank(onBlack) ? onWhite : onBlack, aspect);
}

/** `rgb`: RASTER_SIZE² pixels of three bytes. */
function rasterFromRgb(rgb: Uint8Array, aspect: number): Raster {
  const pixels = RASTER_SIZE * RASTER_SIZE;
  const luma = new Uint8Array(pixels);
  let redSum = 0;
  let greenSum = 0;
  let blueSum = 0;
  for (let i = 0; i < pixels; i++) {
    const red = rgb[3 * i]!;
    const green = rgb[3 * i + 1]!;
    const blue = rgb[3 * i + 2]!;
    luma[i] = (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16;
    redSum += red;
    greenSum += green;
    blueSum += blue;
  }
  const red = redSum / pixels;
  const green = greenSum / pixels;
  const blue = blueSum / pixels;
  const brightness = 0.299 * red + 0.587 * green + 0.114 * blue;
  return { luma, aspect, chroma: [128 + (blue - brightness) / 1.772, 128 + (red - brightness) / 1.402] };
}

/** Width and height of a raster in pixels. */
export const RASTER_SIZE = 256;

/** A picture as it is looked at: upright, on white, squeezed into a square. */
export interface Raster {
  /** Row by row, RASTER_SIZE² values, 0 black to 255 white. */
  readonly luma: Uint8Array;
  /** Width divided by height of the upright picture. */
  readonly aspect: number;
  /** The mean of Cb and of Cr (BT.601, 0..255, 128 is grey): all that is kept of the colour. */
  readonly chroma: readonly [number, number];
}

/** Whether no tone is far from any other. */
export function isBlank(tones: Uint8Array): boolean {
  let darkest = 255;
  let lightest = 0;
  for (const tone of tones) {
    if (tone < darkest) darkest = tone;
    if (tone > lightest) lightest = tone;
  }
  return lightest - darkest < 4;
}

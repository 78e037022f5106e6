import { describe, expect, it } from 'vitest';
import type { Raster } from '#src/embedded/picture/raster.js';
import { squeezedColours, squeezedGrey, squeezedRowsBytes } from '#src/embedded/picture/squeezed-rows.js';

type Pixel = readonly [red: number, green: number, blue: number, alpha: number];

/** A picture of which each pixel is repeated so often across and down. */
function squeezed(
  width: number,
  height: number,
  pixelAt: (x: number, y: number) => Pixel,
  across: number,
  down: number,
): Promise<Raster> {
  return squeezedColours({
    width: width * across,
    height: height * down,
    readRow(y, row) {
      for (let x = 0; x < width * across; x++)
        row.set(pixelAt(Math.floor(x / across), Math.floor(y / down)), 4 * x);
    },
  });
}

const noise = (x: number, y: number) => Math.imul((x >> 3) * 73 + (y >> 3) * 151, 0x9e3779b1) >>> 24;
const opaque = (x: number, y: number): Pixel => [noise(x, y), noise(y, x), noise(x + 1, y), 255];
const holed = (x: number, y: number): Pixel => [noise(x, y), 9, 200, noise(x, y) > 99 ? 255 : 0];

describe('a picture of which the pixels are decoded here', () => {
  it.each([
    ['opaque', opaque],
    ['with holes', holed],
  ])('looks the same when each pixel is there several times: %s', async (_name, pixelAt) => {
    const { luma, chroma, aspect } = await squeezed(1024, 1030, pixelAt, 1, 1);
    expect(await squeezed(1024, 1030, pixelAt, 3, 2)).toEqual({ luma, chroma, aspect: (aspect * 3) / 2 });
  });

  it('is white where nothing is seen, whatever colour lies there', async () => {
    const left = (colour: number) => (x: number, y: number) =>
      x < 600 ? opaque(x, y) : ([colour, colour, colour, 0] as const);
    const white = (x: number, y: number): Pixel => (x < 600 ? opaque(x, y) : [255, 255, 255, 255]);
    const expected = await squeezed(1100, 300, white, 1, 1);
    expect(await squeezed(1100, 300, left(0), 1, 1)).toEqual(expected);
    expect(await squeezed(1100, 300, left(77), 2, 1)).toMatchObject({ luma: expected.luma });
  });

  it('is grey where only its luma is known', async () => {
    const grey = await squeezedGrey({
      width: 3000,
      height: 7,
      readRow: (y, row) => {
        for (let x = 0; x < 3000; x++) row[x] = noise(x, y);
      },
    });
    const asColours = await squeezed(3000, 7, (x, y) => [noise(x, y), noise(x, y), noise(x, y), 255], 1, 1);
    expect(grey).toEqual(asColours);
    expect(grey.chroma).toEqual([128, 128]);
  });

  it('never takes much memory, however large it is', () => {
    for (const [width, height] of [
      [1_000_000, 178],
      [13_377, 13_377],
      [2047, 2047],
    ] as const)
      expect(squeezedRowsBytes({ width, height })).toBeLessThan(34_000_000);
  });
});

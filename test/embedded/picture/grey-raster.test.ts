import { describe, expect, it } from 'vitest';
import { cmykRaster, greyRaster, luma, rgbRaster } from '#src/embedded/picture/grey-raster.js';
import { rowsOf } from './rows-of.js';

describe('the luma', () => {
  it('leaves a grey as it is', () => {
    for (let grey = 0; grey < 256; grey++) expect(luma(grey, grey, grey)).toBe(grey);
  });

  it.each([
    [255, 0, 0, 76],
    [0, 255, 0, 150],
    [0, 0, 255, 29],
    [255, 255, 0, 226],
    [1, 2, 3, 2],
  ])('of %i, %i, %i is that of Pillow', (red, green, blue, expected) => {
    expect(luma(red, green, blue)).toBe(expected);
  });
});

describe('a raster', () => {
  it('gives rows of the first sample of each grey pixel', () => {
    expect(rowsOf(greyRaster(Uint8Array.of(1, 99, 2, 99, 3, 99, 4, 99), 2, 2, 2))).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('drops the alpha', () => {
    expect(rowsOf(rgbRaster(Uint8Array.of(255, 255, 255, 0, 0, 0, 0, 255), 2, 1, 4))).toEqual([[255, 0]]);
  });

  it('turns inks into light as Pillow does', () => {
    const inks = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 10, 20, 30, 40, 100, 100, 100, 100);
    expect(rowsOf(cmykRaster(inks, 5, 1, 4))).toEqual([[255, 0, 179, 200, 94]]);
  });
});

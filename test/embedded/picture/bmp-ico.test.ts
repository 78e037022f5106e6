import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { dHash } from '#src/embedded/picture/dhash.js';
import { greyRaster, luma } from '#src/embedded/picture/grey-raster.js';
import { bmp, type Colour, ico, icoBitmap, packLines, pixelLines } from './bitmaps.js';
import { factsOf } from './facts-of.js';

const width = 29;
const height = 21;

/** Lines of whatever a function gives, the top line first. */
function lines<T>(make: (x: number, y: number) => T): T[][] {
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => make(x, y)));
}

const noise = (x: number, y: number) => (x * 7919 + y * 104_729 + x * y * 31) & 0xffff;
const colourAt = (x: number, y: number): Colour => [
  noise(x, y) & 255,
  noise(y, x) & 255,
  (noise(x, y) >> 5) & 255,
];
const bottomUp = <T>(rows: T[]) => rows.toReversed();

/** The facts of a picture whose greys are known. */
function decodedAs(contentType: string, grey: number[][]) {
  const raster = greyRaster(Uint8Array.from(grey.flat()), grey[0]!.length, grey.length, 1);
  return {
    contentType,
    width: raster.width,
    height: raster.height,
    perceptualHash: dHash(raster),
    problem: null,
  };
}

/** The facts of a bitmap of a kind that is known and not decoded. */
const recognised = {
  contentType: 'image/bmp',
  width: null,
  height: null,
  perceptualHash: null,
  problem: null,
};

const colours = lines(colourAt);
const coloursGrey = lines((x, y) => luma(...colourAt(x, y)));
const packRgb = ([red, green, blue]: Colour) => (red << 16) | (green << 8) | blue;

describe('BMP with a palette', () => {
  for (const bits of [1, 4, 8] as const) {
    const palette = Array.from({ length: 2 ** bits }, (_, i): Colour => colourAt(i, 3));
    const indices = lines((x, y) => noise(x, y) % palette.length);
    const grey = indices.map((line) => line.map((index) => luma(...palette[index]!)));

    it.each([12, 40, 52, 56, 64, 108, 124])(
      `of ${bits} bits and a header of %i bytes`,
      async (headerSize) => {
        const pixels = packLines(bottomUp(indices), bits);
        const file = bmp({ width, height, bitsPerPixel: bits, pixels, palette, headerSize });
        expect(await factsOf(file)).toEqual(decodedAs('image/bmp', grey));
      },
    );

    it(`of ${bits} bits, the top line first`, async () => {
      const file = bmp({
        width,
        height,
        bitsPerPixel: bits,
        pixels: packLines(indices, bits),
        palette,
        topDown: true,
      });
      expect(await factsOf(file)).toEqual(decodedAs('image/bmp', grey));
    });
  }

  it('shows what is beyond a short palette in black', async () => {
    const palette: Colour[] = [
      [10, 10, 10],
      [250, 250, 250],
    ];
    const indices = lines((x, y) => noise(x, y) % 4);
    const file = bmp({ width, height, bitsPerPixel: 8, pixels: packLines(bottomUp(indices), 8), palette });
    expect(await factsOf(file)).toEqual(
      decodedAs(
        'image/bmp',
        indices.map((line) => line.map((index) => [10, 250, 0, 0][index]!)),
      ),
    );
  });

  it.each([0, 54])(
    'finds the pixels behind the palette when the file says that they are at %i',
    async (pixelsAt) => {
      const palette = Array.from({ length: 256 }, (_, i): Colour => colourAt(i, 3));
      const indices = lines((x, y) => noise(x, y) & 255);
      const pixels = packLines(bottomUp(indices), 8);
      const file = bmp({ width, height, bitsPerPixel: 8, pixels, palette, pixelsAt });
      expect(await factsOf(file)).toEqual(
        decodedAs(
          'image/bmp',
          indices.map((line) => line.map((index) => luma(...palette[index]!))),
        ),
      );
    },
  );
});

describe('BMP without a palette', () => {
  const rgb = colours.map((line) => line.map(packRgb));

  it.each([12, 40, 108])('of 24 bits and a header of %i bytes', async (headerSize) => {
    const file = bmp({ width, height, bitsPerPixel: 24, pixels: pixelLines(bottomUp(rgb), 3), headerSize });
    expect(await factsOf(file)).toEqual(decodedAs('image/bmp', coloursGrey));
  });

  it('of 32 bits, the fourth byte ignored', async () => {
    const pixels = pixelLines(bottomUp(rgb.map((line) => line.map((pixel, x) => pixel + x * 2 ** 24))), 4);
    expect(await factsOf(bmp({ width, height, bitsPerPixel: 32, pixels }))).toEqual(
      decodedAs('image/bmp', coloursGrey),
    );
  });

  const layouts: [name: string, masks: number[], pack: (colour: Colour) => number][] = [
    ['BGRA', [0xff0000, 0xff00, 0xff, 0xff000000], packRgb],
    ['BGRX', [0xff0000, 0xff00, 0xff, 0], packRgb],
    ['RGBA', [0xff, 0xff00, 0xff0000, 0xff000000], ([red, green, blue]) => (blue << 16) | (green << 8) | red],
    ['XBGR', [0xff000000, 0xff0000, 0xff00, 0], (colour) => packRgb(colour) * 256],
    ['no masks', [0, 0, 0, 0], packRgb],
  ];
  it.each(layouts)('of 32 bits with masks: %s', async (_name, masks, pack) => {
    const pixels = pixelLines(bottomUp(colours.map((line) => line.map(pack))), 4);
    const file = bmp({ width, height, bitsPerPixel: 32, pixels, compression: 3, masks, headerSize: 56 });
    expect(await factsOf(file)).toEqual(decodedAs('image/bmp', coloursGrey));
  });

  const widen = (value: number, max: number) => Math.floor((value * 255) / max);
  const of555 = (pixel: number) =>
    luma(widen((pixel >> 10) & 31, 31), widen((pixel >> 5) & 31, 31), widen(pixel & 31, 31));
  const of565 = (pixel: number) =>
    luma(widen(pixel >> 11, 31), widen((pixel >> 5) & 63, 63), widen(pixel & 31, 31));
  const pixels16 = lines(noise);

  it.each([
    ['no masks', 0, [], of555],
    ['masks of 5, 5 and 5 bits', 3, [0x7c00, 0x3e0, 0x1f], of555],
    ['masks of 5, 6 and 5 bits', 3, [0xf800, 0x7e0, 0x1f], of565],
  ] as const)('of 16 bits with %s', async (_name, compression, masks, grey) => {
    const pixels = pixelLines(bottomUp(pixels16), 2);
    const file = bmp({ width, height, bitsPerPixel: 16, pixels, compression, masks });
    expect(await factsOf(file)).toEqual(
      decodedAs(
        'image/bmp',
        pixels16.map((line) => line.map(grey)),
      ),
    );
  });

  it.each([
    [16, [0xf00, 0xf0, 0xf]],
    [32, [0x3ff00000, 0xffc00, 0x3ff]],
    [24, [0xff000000, 0xff00, 0xff]],
  ])('of %i bits with masks that Pillow does not know is not decoded', async (bitsPerPixel, masks) => {
    const pixels = Buffer.alloc(width * height * 4);
    expect(await factsOf(bmp({ width, height, bitsPerPixel, pixels, compression: 3, masks }))).toEqual(
      recognised,
    );
  });

  it.each([4, 5, 6])(
    'of the compression %i, which Pillow does not know, is not decoded',
    async (compression) => {
      const pixels = Buffer.alloc(1000);
      expect(await factsOf(bmp({ width: 6, height: 3, bitsPerPixel: 24, pixels, compression }))).toEqual(
        recognised,
      );
    },
  );

  it('may lack the padding of the last line, and no more', async () => {
    const pixels = pixelLines(bottomUp(rgb), 3);
    const padding = pixels.length / height - width * 3;
    expect(padding).toBe(1);
    const file = bmp({ width, height, bitsPerPixel: 24, pixels });
    expect(await factsOf(file.subarray(0, -padding))).toEqual(decodedAs('image/bmp', coloursGrey));
    expect(await factsOf(file.subarray(0, -padding - 1))).toEqual({
      contentType: 'image/bmp',
      width: null,
      height: null,
      perceptualHash: null,
      problem: 'CUT_OFF',
    });
  });
});

describe('BMP with run lengths', () => {
  const palette = Array.from({ length: 16 }, (_, i): Colour => [i * 16, i * 16, i * 16]);
  const rle = (bits: 4 | 8, runs: readonly number[], size = { width: 6, height: 3 }) =>
    bmp({
      ...size,
      bitsPerPixel: bits,
      pixels: Uint8Array.from(runs),
      palette,
      compression: bits === 8 ? 1 : 2,
    });
  const shown = (indices: number[][]) =>
    decodedAs(
      'image/bmp',
      bottomUp(indices).map((line) => line.map((index) => index * 16)),
    );

  it('of 8 bits: runs, single pixels, ends of lines', async () => {
    const runs = [6, 5, 0, 0, 0, 3, 1, 2, 3, 0, 3, 9, 0, 0, 2, 4, 0, 4, 15, 14, 13, 12, 0, 1];
    expect(await factsOf(rle(8, runs))).toEqual(
      shown([
        [5, 5, 5, 5, 5, 5],
        [1, 2, 3, 9, 9, 9],
        [4, 4, 15, 14, 13, 12],
      ]),
    );
  });

  it('of 4 bits: runs of two colours, an odd number of single pixels', async () => {
    const runs = [6, 0x5a, 0, 0, 0, 5, 0x12, 0x34, 0x50, 0, 1, 0x70, 0, 0, 0, 3, 0xfe, 0xd0, 3, 0x89, 0, 1];
    expect(await factsOf(rle(4, runs))).toEqual(
      shown([
        [5, 10, 5, 10, 5, 10],
        [1, 2, 3, 4, 5, 7],
        [15, 14, 13, 8, 9, 8],
      ]),
    );
  });

  it('leaves what is skipped at the first colour', async () => {
    const runs = [2, 7, 0, 2, 2, 1, 1, 9, 0, 0, 1, 3, 0, 1];
    expect(await factsOf(rle(8, runs))).toEqual(
      shown([
        [7, 7, 0, 0, 0, 0],
        [0, 0, 0, 0, 9, 0],
        [3, 0, 0, 0, 0, 0],
      ]),
    );
  });

  it('drops what a run has too much for its line', async () => {
    const runs = [200, 5, 0, 0, 6, 6, 0, 0, 6, 7];
    expect(await factsOf(rle(8, runs))).toEqual(
      shown([
        [5, 5, 5, 5, 5, 5],
        [6, 6, 6, 6, 6, 6],
        [7, 7, 7, 7, 7, 7],
      ]),
    );
  });

  it.each([
    [24, 1],
    [8, 2],
    [4, 1],
    [8, 7],
  ])('of %i bits and compression %i is damaged', async (bitsPerPixel, compression) => {
    const pixels = Buffer.alloc(1000);
    expect(await factsOf(bmp({ width: 6, height: 3, bitsPerPixel, pixels, compression }))).toMatchObject({
      contentType: 'application/octet-stream',
      problem: 'CUT_OFF',
    });
  });

  it('is cut off when the runs end before the last line', async () => {
    expect(await factsOf(rle(8, [6, 5, 0, 0, 6, 6]))).toMatchObject({
      contentType: 'image/bmp',
      width: null,
      problem: 'CUT_OFF',
    });
  });
});

describe('ICO', () => {
  const square = (size: number, seed: number) =>
    Array.from({ length: size }, (_, y) =>
      Array.from({ length: size }, (_, x) => packRgb(colourAt(x + seed, y))),
    );
  const greyOf = (pixels: number[][]) =>
    pixels.map((line) => line.map((pixel) => luma(pixel >> 16, (pixel >> 8) & 255, pixel & 255)));
  const frame = (size: number, seed: number, bitsPerPixel: 24 | 32) => ({
    width: size,
    height: size,
    bitsPerPixel,
    bytes: icoBitmap({
      width: size,
      height: size,
      bitsPerPixel,
      pixels: pixelLines(bottomUp(square(size, seed)), bitsPerPixel === 24 ? 3 : 4),
    }),
  });

  it('is its largest picture, and of several that large the one of the lowest depth', async () => {
    const file = ico([frame(16, 1, 24), frame(32, 2, 32), frame(32, 3, 24), frame(8, 4, 24)]);
    expect(await factsOf(file)).toEqual(decodedAs('image/x-icon', greyOf(square(32, 3))));
  });

  it('may hold a PNG, whose own size counts', async () => {
    const grey = Buffer.from(coloursGrey.flat());
    const png = await sharp(grey, { raw: { width, height, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const file = ico([frame(16, 1, 24), { width: 256, height: 256, bitsPerPixel: 32, bytes: png }]);
    expect(await factsOf(file)).toEqual(decodedAs('image/x-icon', coloursGrey));
  });

  it('with a palette drops its mask', async () => {
    const palette = Array.from({ length: 16 }, (_, i): Colour => colourAt(i, 5));
    const indices = lines((x, y) => noise(x, y) % 16);
    const bytes = icoBitmap({
      width,
      height,
      bitsPerPixel: 4,
      pixels: packLines(bottomUp(indices), 4),
      palette,
    });
    expect(await factsOf(ico([{ width, height, bitsPerPixel: 4, bytes }]))).toEqual(
      decodedAs(
        'image/x-icon',
        indices.map((line) => line.map((index) => luma(...palette[index]!))),
      ),
    );
  });

  it('without pictures, or without the whole mask of its picture, is cut off', async () => {
    const cutOff = { contentType: 'application/octet-stream', width: null, problem: 'CUT_OFF' };
    expect(await factsOf(ico([]))).toMatchObject(cutOff);
    expect(await factsOf(ico([frame(16, 1, 24)]).subarray(0, -1))).toMatchObject(cutOff);
  });
});

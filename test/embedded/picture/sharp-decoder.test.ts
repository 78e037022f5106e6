import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { luma } from '#src/embedded/picture/grey-raster.js';
import { lumaOf, openWithSharp } from '#src/embedded/picture/sharp-decoder.js';
import { factsOf } from './facts-of.js';
import { rowsOf } from './rows-of.js';

const corpus = fileURLToPath(new URL('../../fixtures/corpus/odd/', import.meta.url));

describe('the luma that libvips makes of large pictures', () => {
  // A second of arithmetic, but then no colour is left out.
  it('equals ours for every colour', async () => {
    const side = 4096;
    const colours = Buffer.alloc(side * side * 3);
    const expected = Buffer.alloc(side * side);
    for (let colour = 0; colour < side * side; colour++) {
      colours.writeUIntBE(colour, colour * 3, 3);
      expected[colour] = luma(colour >> 16, (colour >> 8) & 255, colour & 255);
    }
    const picture = sharp(colours, { raw: { width: side, height: side, channels: 3 } });
    expect((await lumaOf(picture).raw().toBuffer()).equals(expected)).toBe(true);
  });

  it.each([
    'rgb.png',
    'alpha.png',
    'rgb16.png',
    'palette-transparent.png',
    'lossless-alpha.webp',
    'multipage.tiff',
  ])('equals ours for %s', async (name) => {
    const ours = rowsOf(await (await openWithSharp(corpus + name, 'image/png')).decode());
    const made = await lumaOf(sharp(corpus + name, { ignoreIcc: true }))
      .raw()
      .toBuffer();
    expect(made.equals(Buffer.from(ours.flat()))).toBe(true);
  });
});

describe('16-bit samples', () => {
  it.each([
    ['colours', 4, 'rgb16'],
    ['greys with alpha', 2, 'grey16'],
  ] as const)('lose their low bytes: %s', async (_name, channels, space) => {
    const samples = Uint16Array.from({ length: 256 * channels }, (_, i) =>
      i % channels === channels - 1 ? 65_535 : Math.floor(i / channels) * 256 + (i % 3) * 127,
    );
    const image = sharp(samples, { raw: { width: 256, height: 1, channels } });
    const png = await image.toColourspace(space).png().toBuffer();
    expect(await sharp(png).metadata()).toMatchObject({ space, channels });
    const ramp = Array.from({ length: 256 }, (_, i) => i);
    expect(rowsOf(await (await openWithSharp(png, 'image/png')).decode())).toEqual([ramp]);
  });

  it('are clipped where they are greys without alpha', async () => {
    const samples = Uint16Array.of(0, 7, 255, 256, 40_000, 65_535);
    const image = sharp(samples, { raw: { width: 6, height: 1, channels: 1 } });
    const png = await image.toColourspace('grey16').png().toBuffer();
    expect(rowsOf(await (await openWithSharp(png, 'image/png')).decode())).toEqual([
      [0, 7, 255, 255, 255, 255],
    ]);
  });
});

describe('the orientation', () => {
  it('turns a TIFF, as Pillow does', async () => {
    const upright = sharp(`${corpus}rgb.png`);
    const turned = await upright
      .clone()
      .withMetadata({ orientation: 6 })
      .tiff({ compression: 'lzw' })
      .toBuffer();
    const expected = await upright.clone().rotate(90).png().toBuffer();
    expect(await factsOf(turned)).toEqual({ ...(await factsOf(expected)), contentType: 'image/tiff' });
  });

  it('does not turn a JPEG', async () => {
    const jpeg = await sharp(`${corpus}rgb.png`).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await factsOf(jpeg)).toMatchObject({ width: 300, height: 200 });
  });
});

describe('the memory that decoding needs', () => {
  const bytesPerPixel = async (name: string, contentType: string) => {
    const { width, height, decodeBytes } = await openWithSharp(corpus + name, contentType);
    return decodeBytes / (width * height);
  };

  it('is that of the samples where libvips goes row by row', async () => {
    expect(await bytesPerPixel('bilevel.png', 'image/png')).toBeCloseTo(1.2, 3);
    expect(await bytesPerPixel('alpha.png', 'image/png')).toBeCloseTo(3.2, 3);
    expect(await bytesPerPixel('cmyk.jpg', 'image/jpeg')).toBeCloseTo(4.2, 3);
  });

  it('is more where libvips holds the whole picture', async () => {
    expect(await bytesPerPixel('progressive.jpg', 'image/jpeg')).toBeGreaterThan(6);
    expect(await bytesPerPixel('animated.webp', 'image/webp')).toBeGreaterThan(10);
    expect(await bytesPerPixel('gray16.tiff', 'image/tiff')).toBeGreaterThan(3);
  });
});

describe('damage', () => {
  it('is refused in a TIFF that ends one byte too early', async () => {
    const pixels = await readFile(`${corpus}rgb.png`);
    // libvips writes the directory first when it writes to memory, so that the pixels are what is cut off.
    const tiff = await sharp(pixels).tiff({ compression: 'none', bigtiff: false }).toBuffer();
    expect(await factsOf(tiff)).toMatchObject({ contentType: 'image/tiff', problem: null });
    for (const length of [tiff.length - 1, tiff.length - 1000, 5000]) {
      expect(await factsOf(tiff.subarray(0, length))).toMatchObject({ width: null, problem: 'CUT_OFF' });
    }
  });

  it('is let pass in the codes of a JPEG, with the hash that Pillow gives it', async () => {
    const jpeg = await readFile(`${corpus}jpeg-named-png.png`);
    jpeg[5000] = 0;
    expect(await factsOf(jpeg)).toMatchObject({ perceptualHash: 'f3e96c30dac6a499', problem: null });
  });
});

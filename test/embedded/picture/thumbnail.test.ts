import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import sharp, { type FormatEnum } from 'sharp';
import { describe, expect, it } from 'vitest';
import { makeThumbnail, readShape } from '#src/embedded/picture/thumbnail.js';
import { THUMBNAIL_WIDTHS, type ThumbnailKind, thumbnailSize } from '#src/services/pictures.js';
import { picture } from '../../harness/gateway.js';
import { bmp, ico, icoBitmap } from './bitmaps.js';
import { factsOf, MAX_PIXELS, withFile } from './facts-of.js';

const limits = { maxPixels: MAX_PIXELS };
const reserve = async () => {};

const shapeOf = (bytes: Uint8Array, isWhole = true) =>
  withFile(bytes, (path) => readShape(path, isWhole, limits, reserve));
const thumbnailOf = (bytes: Uint8Array, kind: ThumbnailKind) =>
  withFile(bytes, (path) => makeThumbnail(path, kind, limits, reserve));

/** Smooth, so that copies of it are alike whichever way they were made, and not the same from any two sides. */
function gradient(width: number, height: number): Buffer {
  const rgb = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x);
      rgb[at] = Math.round((255 * x) / width);
      rgb[at + 1] = Math.round((255 * y) / height);
      rgb[at + 2] = 128;
    }
  return rgb;
}

const side = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 700 }) },
  fc.constantFrom(1, 2, 3, 159, 160, 161, 319, 320, 321, 1279, 1280, 1281),
);
const made = fc.record({
  width: side,
  height: fc.oneof(side, fc.constantFrom(1, 2, 3)),
  orientation: fc.integer({ min: 1, max: 8 }),
  stored: fc.constantFrom<keyof FormatEnum>('jpeg', 'png', 'webp', 'tiff'),
});
const kinds = fc.record<ThumbnailKind>({
  width: fc.constantFrom(...THUMBNAIL_WIDTHS),
  format: fc.constantFrom('webp', 'jpg'),
});

describe('A thumbnail', () => {
  it('has exactly the size that was told, and shows what sharp shows upright', async () => {
    await fc.assert(
      fc.asyncProperty(made, kinds, async ({ width, height, orientation, stored }, kind) => {
        const bytes = await sharp(gradient(width, height), { raw: { width, height, channels: 3 } })
          .withMetadata({ orientation })
          .toFormat(stored)
          .toBuffer();
        const shape = (await shapeOf(bytes))!;
        const turned = orientation >= 5;
        expect(shape.upright).toEqual(turned ? { width: height, height: width } : { width, height });
        const facts = await factsOf(bytes);
        expect([shape.contentType, shape.width, shape.height]).toEqual([
          facts.contentType,
          facts.width,
          facts.height,
        ]);
        const size = thumbnailSize(shape.upright, kind.width);
        expect(Math.max(size.width, size.height)).toBe(Math.min(kind.width, Math.max(width, height)));
        const thumbnail = (await thumbnailOf(bytes, kind))!;
        const {
          format,
          space,
          exif,
          icc,
          xmp,
          orientation: left,
          ...found
        } = await sharp(thumbnail).metadata();
        expect({ width: found.width, height: found.height }).toEqual(size);
        expect([format, space]).toEqual([kind.format === 'jpg' ? 'jpeg' : 'webp', 'srgb']);
        expect([exif, icc, xmp, left]).toEqual([undefined, undefined, undefined, undefined]);
        // The colours of few pixels are lost to the encoding.
        if (Math.min(size.width, size.height) < 32) return;
        const [ours, theirs] = await Promise.all([
          sharp(thumbnail).removeAlpha().raw().toBuffer(),
          sharp(bytes)
            .autoOrient()
            .resize(size.width, size.height, { fit: 'fill' })
            .removeAlpha()
            .raw()
            .toBuffer(),
        ]);
        expect(meanDifference(ours, theirs)).toBeLessThan(6);
      }),
      { numRuns: 120 },
    );
  });

  it('is told the same size by the beginning of a picture as by all of it, or none', async () => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(made, fc.integer({ min: 0, max: 100 }), async (about, percent) => {
        const { width, height, orientation, stored } = about;
        const bytes = await sharp(gradient(width, height), { raw: { width, height, channels: 3 } })
          .withMetadata({ orientation })
          .toFormat(stored)
          .toBuffer();
        const beginning = bytes.subarray(0, Math.ceil((bytes.length * percent) / 100));
        const shape = await shapeOf(beginning, beginning.length === bytes.length);
        if (shape) expect(shape).toEqual(await shapeOf(bytes));
        if (shape && beginning.length < bytes.length) told++;
      }),
      { numRuns: 150 },
    );
    expect(told).toBeGreaterThan(10);
  });

  it('may be a line', async () => {
    const bytes = await sharp(gradient(4000, 1), { raw: { width: 4000, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    const { width, height } = await sharp(
      (await thumbnailOf(bytes, { width: 160, format: 'webp' }))!,
    ).metadata();
    expect([width, height]).toEqual([160, 1]);
  });

  it('is made of every picture that has a perceptual hash, and of no other file', async () => {
    const folders = ['photos', 'odd'];
    const names = folders.flatMap((folder) =>
      readdirSync(new URL(`../../fixtures/corpus/${folder}/`, import.meta.url)).map(
        (name) => `${folder}/${name}`,
      ),
    );
    for (const name of names) {
      const bytes = picture(name);
      const { width } = await factsOf(bytes);
      const thumbnail = await thumbnailOf(bytes, { width: 160, format: 'jpg' });
      expect([name, thumbnail !== null]).toEqual([name, width !== null]);
      if (!thumbnail) continue;
      const size = await sharp(thumbnail).metadata();
      const { upright } = (await shapeOf(bytes))!;
      expect([name, { width: size.width, height: size.height }]).toEqual([name, thumbnailSize(upright, 160)]);
    }
  });

  it('is made of damaged pictures that are decoded', async () => {
    const folder = new URL('../../fixtures/damaged/', import.meta.url);
    const decoded: string[] = [];
    for (const name of readdirSync(folder).filter((each) => !/\.(md|json)$/.test(each))) {
      const bytes = readFileSync(new URL(name, folder));
      const thumbnail = await thumbnailOf(bytes, { width: 160, format: 'webp' });
      if ((await factsOf(bytes)).width === null) continue;
      decoded.push(name);
      expect([name, thumbnail !== null]).toEqual([name, true]);
    }
    expect(decoded.length).toBeGreaterThan(5);
  });

  it('is made of a picture with a colour profile that is none', async () => {
    const bytes = await sharp(gradient(200, 100), { raw: { width: 200, height: 100, channels: 3 } })
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    const at = bytes.indexOf('ICC_PROFILE') + 14;
    bytes.fill(0xaa, at, at + 200);
    expect((await factsOf(bytes)).width).toBe(200);
    expect(await thumbnailOf(bytes, { width: 160, format: 'webp' })).not.toBeNull();
  });

  it('has the colours of an embedded profile as those of sRGB', async () => {
    const red = { create: { width: 64, height: 64, channels: 3 as const, background: '#ff0000' } };
    const bytes = await sharp(red).withIccProfile('p3').png().toBuffer();
    const [plain] = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    expect(plain).toBeLessThan(240); // In P3 the red of sRGB has a lower number.
    const pixels = await sharp((await thumbnailOf(bytes, { width: 160, format: 'jpg' }))!)
      .raw()
      .toBuffer();
    expect(pixels[0]).toBeGreaterThan(248);
  });

  it('is the first frame, and shows what is transparent on white where it is a JPEG', async () => {
    const pixels = await sharp((await thumbnailOf(picture('odd/fully-transparent.png'), jpg))!)
      .raw()
      .toBuffer();
    expect(Math.min(...pixels)).toBeGreaterThan(250);
    for (const name of ['odd/animated.gif', 'odd/animated.webp']) {
      const thumbnail = (await thumbnailOf(picture(name), { width: 160, format: 'webp' }))!;
      const { pages = 1 } = await sharp(thumbnail).metadata();
      expect([name, pages]).toEqual([name, 1]);
    }
  });

  const jpg: ThumbnailKind = { width: 160, format: 'jpg' };

  it('of an icon shows nothing where its mask or its alpha says so', async () => {
    const [width, height] = [4, 4];
    const pixelsOf = async (bitmap: Buffer, bitsPerPixel: number) => {
      const bytes = ico([{ width, height, bitsPerPixel, bytes: bitmap }]);
      const png = await sharp((await thumbnailOf(bytes, { width: 160, format: 'webp' }))!)
        .ensureAlpha()
        .raw()
        .toBuffer();
      return Array.from({ length: width * height }, (_, i) => png[4 * i + 3]);
    };
    const masked = icoBitmap({ width, height, bitsPerPixel: 24, pixels: Buffer.alloc(48, 200) });
    expect(await pixelsOf(masked, 24)).toEqual(Array(16).fill(0));
    masked.fill(0, masked.length - 16);
    expect(await pixelsOf(masked, 24)).toEqual(Array(16).fill(255));
    // The first line of a bitmap is the lowest one.
    masked[masked.length - 16] = 0b1000_0000;
    expect((await pixelsOf(masked, 24)).indexOf(0)).toBe(12);
    const pixels = Buffer.alloc(64, 200);
    for (let i = 0; i < 16; i++) pixels[4 * i + 3] = i < 4 ? 0 : 255;
    const withAlpha = icoBitmap({ width, height, bitsPerPixel: 32, pixels });
    expect((await pixelsOf(withAlpha, 32)).slice(8)).toEqual([255, 255, 255, 255, 0, 0, 0, 0]);
  });

  it('of a bitmap has its colours', async () => {
    const [width, height] = [3000, 40];
    const line = Buffer.alloc(width * 3);
    for (let x = 0; x < width; x++) line.set(x < width / 2 ? [0, 0, 255] : [0, 255, 0], 3 * x);
    const pixels = Buffer.concat(Array.from({ length: height }, () => line));
    const bytes = bmp({ width, height, bitsPerPixel: 24, pixels });
    const { data, info } = await sharp((await thumbnailOf(bytes, { width: 640, format: 'webp' }))!)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([640, 9]);
    const at = (x: number) => [...data.subarray(info.channels * x, info.channels * x + 3)];
    expect(at(20)[0]).toBeGreaterThan(200);
    expect(at(20)[1]).toBeLessThan(60);
    expect(at(620)[0]).toBeLessThan(60);
    expect(at(620)[1]).toBeGreaterThan(200);
  });
});

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}

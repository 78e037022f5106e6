import { readdirSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, expect, describe as suite, test } from 'vitest';
import { type Descriptor, describe } from '#src/embedded/picture/descriptor.js';
import { readRaster } from '#src/embedded/picture/read-raster.js';
import { VisualIndex } from '#src/embedded/search/visual-index.js';

const corpus = new URL('../../fixtures/corpus/', import.meta.url);
const fileOf = (path: string) => decodeURIComponent(new URL(path, corpus).pathname);
const look = async (path: string): Promise<Descriptor> => describe(await readRaster(fileOf(path)));

suite('among real photographs', () => {
  const index = new VisualIndex();
  const photos = readdirSync(fileOf('photos')).sort();

  beforeAll(async () => {
    for (const [key, name] of photos.entries()) index.add(key, await look(`photos/${name}`));
  });

  test.each(readdirSync(fileOf('derived')))('%s finds its photograph and nothing else', async (name) => {
    const subject = name.slice(0, name.lastIndexOf('-'));
    const results = index.search(await look(`derived/${name}`));
    expect(results.map(({ key }) => photos[key])).toEqual([expect.stringContaining(subject)]);
  });

  test('every photograph finds only itself', async () => {
    for (const [key, name] of photos.entries()) {
      const results = index.search(await look(`photos/${name}`));
      expect(results.map((match) => match.key)).toEqual([key]);
    }
  });
});

suite('among codes and letters, which differ in their fine parts only', () => {
  const folder = decodeURIComponent(new URL('../../fixtures/codes/', import.meta.url).pathname);
  const names = readdirSync(folder).sort();
  const index = new VisualIndex();

  beforeAll(async () => {
    for (const [key, name] of names.entries())
      index.add(key, describe(await readRaster(`${folder}/${name}`)));
  });

  const found = async (input: string | Buffer) =>
    index.search(describe(await readRaster(input))).map(({ key }) => names[key]);

  test.each(names)('%s finds only itself', async (name) => {
    expect(await found(`${folder}/${name}`)).toEqual([name]);
  });

  test.each(names.filter((name) => !name.startsWith('letter')))(
    '%s finds only itself when it was enlarged and compressed',
    async (name) => {
      const { width } = await sharp(`${folder}/${name}`).metadata();
      const enlarged = sharp(`${folder}/${name}`).resize(Math.round(width * 1.5));
      expect(await found(await enlarged.jpeg({ quality: 60 }).toBuffer())).toEqual([name]);
    },
  );
});

suite('a raster', () => {
  test('is upright: the EXIF orientation is applied', async () => {
    const stored = await sharp(fileOf('photos/35-chelsea.png')).jpeg().toBuffer();
    const onItsSide = await sharp(stored).withMetadata({ orientation: 6 }).toBuffer();
    const turned = await sharp(stored).rotate(90).png().toBuffer();
    const [shown, meant] = [await readRaster(onItsSide), await readRaster(turned)];
    expect(shown.aspect).toBeCloseTo(meant.aspect, 2);
    const difference = shown.luma.reduce((sum, tone, at) => sum + Math.abs(tone - meant.luma[at]!), 0);
    expect(difference / shown.luma.length).toBeLessThan(2);
  });

  test('shows white where the picture is transparent', async () => {
    const { luma, chroma } = await readRaster(fileOf('odd/fully-transparent.png'));
    expect(luma.every((tone) => tone === 255)).toBe(true);
    expect(chroma.map(Math.round)).toEqual([128, 128]);
  });

  test('shows white things on a transparent ground', async () => {
    const drawing = (shape: string) =>
      sharp(Buffer.from(`<svg width="300" height="300"><g fill="#fff">${shape}</g></svg>`))
        .png()
        .toBuffer();
    const disc = await readRaster(await drawing('<circle cx="100" cy="100" r="60"/>'));
    const bar = await readRaster(await drawing('<rect x="200" y="20" width="40" height="200"/>'));
    expect(Math.max(...disc.luma) - Math.min(...disc.luma)).toBe(255);
    const index = new VisualIndex();
    index.add(1, describe(disc));
    expect(index.search(describe(disc)).map(({ key }) => key)).toEqual([1]);
    expect(index.search(describe(bar))).toEqual([]);
  });

  test.each([
    'alpha.png',
    'animated.gif',
    'bilevel.png',
    'cmyk.jpg',
    'gray16.tiff',
    'one-pixel.png',
    'palette-transparent.png',
    'rgb16.png',
    'uniform-red.png',
  ])('is made of %s', async (name) => {
    expect((await readRaster(fileOf(`odd/${name}`))).luma.length).toBe(256 * 256);
  });

  test.each(['text.txt', 'zero.bin', 'truncated.png'])('is not made of %s', async (name) => {
    await expect(readRaster(fileOf(`odd/${name}`))).rejects.toThrow();
  });
});

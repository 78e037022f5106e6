import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TooCostlyError } from '#src/embedded/picture/picture-header.js';
import { readPicture } from '#src/embedded/picture/read-picture.js';
import { randomRuns } from '../../harness/repetitions.js';
import { bmp, ico, icoBitmap } from './bitmaps.js';
import { factsOf, MAX_PIXELS, withFile } from './facts-of.js';

const corpus = fileURLToPath(new URL('../../fixtures/corpus/odd/', import.meta.url));
const nulls = { width: null, height: null, perceptualHash: null };
const tooManyPixels = { ...nulls, problem: 'TOO_MANY_PIXELS' };
/** To the original, a picture of more pixels than it opens is of no known type. */
const tooManyForAnybody = { contentType: 'application/octet-stream', ...tooManyPixels };
const cutOffHeader = { contentType: 'application/octet-stream', ...nulls, problem: 'CUT_OFF' };

/** The JPEG of one pixel with other dimensions in its header. */
async function jpegOf(width: number, height: number): Promise<Buffer> {
  const bytes = await readFile(`${corpus}one-pixel.jpg`);
  const frame = bytes.indexOf(Buffer.of(0xff, 0xc0));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

/** The PNG of one pixel with other dimensions in its header. */
async function pngOf(width: number, height: number): Promise<Buffer> {
  const bytes = await readFile(`${corpus}one-pixel.png`);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

async function gifOf(width: number, height: number): Promise<Buffer> {
  const bytes = await readFile(`${corpus}static.gif`);
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  return bytes;
}

const bmpOf = (width: number, height: number, compression = 0) =>
  bmp({ width, height, bitsPerPixel: compression ? 8 : 24, pixels: Buffer.alloc(16), compression });

describe('a header of more pixels than allowed', () => {
  const files: [string, () => Promise<Buffer>][] = [
    ['JPEG', () => jpegOf(65_500, 65_500)],
    ['PNG', () => pngOf(100_000, 100_000)],
    ['GIF', () => gifOf(65_535, 65_535)],
    ['BMP', async () => bmpOf(0x7fff_ffff, 0x7fff_ffff)],
    ['BMP with run lengths', async () => bmpOf(100_000, 100_000, 1)],
    [
      'ICO',
      async () => {
        const bytes = icoBitmap({ width: 8, height: 8, bitsPerPixel: 24, pixels: Buffer.alloc(192) });
        bytes.writeUInt32LE(0x7fff_ffff, 4);
        return ico([{ width: 8, height: 8, bitsPerPixel: 24, bytes }]);
      },
    ],
  ];
  it.each(files)('is refused before decoding: %s', async (_name, make) => {
    await withFile(await make(), async (path) => {
      const reserve = async (bytes: number) => {
        throw new Error(`reserved ${bytes} bytes`);
      };
      expect(await readPicture(path, { maxPixels: MAX_PIXELS }, reserve)).toEqual(tooManyForAnybody);
    });
  });

  it('is refused when it is one endless line', async () => {
    const line = { contentType: 'image/bmp', ...tooManyPixels };
    expect(await factsOf(bmpOf(1_000_001, 1, 1))).toEqual(line);
    expect(await factsOf(bmpOf(1, 1_000_001, 1))).toEqual(line);
  });

  it('is refused at one pixel more, and not at as many as allowed', async () => {
    const file = await readFile(`${corpus}uniform-red.png`);
    expect(await factsOf(file, 100 * 100 - 1)).toEqual({ contentType: 'image/png', ...tooManyPixels });
    expect(await factsOf(file, 100 * 100)).toMatchObject({ width: 100, height: 100, problem: null });
  });
});

it('a picture that takes too much memory keeps the type that its header says', async () => {
  await withFile(await readFile(`${corpus}rgb.png`), async (path) => {
    const reserve = async () => {
      throw new TooCostlyError('too much');
    };
    const facts = await readPicture(path, { maxPixels: MAX_PIXELS }, reserve);
    expect(facts).toEqual({ contentType: 'image/png', ...nulls, problem: 'TOO_COSTLY' });
  });
});

describe('a header that promises more pixels than there are bytes', () => {
  it.each<[string, string, () => Promise<Buffer>]>([
    ['PNG', 'image/png', () => pngOf(5000, 5000)],
    ['BMP', 'image/bmp', async () => bmpOf(10_000, 10_000)],
    ['BMP with run lengths', 'image/bmp', async () => bmpOf(1000, 1000, 1)],
  ])('is a picture that is cut off: %s', async (_name, contentType, make) => {
    expect(await factsOf(await make())).toEqual({ contentType, ...nulls, problem: 'CUT_OFF' });
  });

  it('is a picture if it is a JPEG with its end mark, as for Pillow', async () => {
    expect(await factsOf(await jpegOf(500, 400))).toMatchObject({ width: 500, height: 400, problem: null });
  });

  it('allocates nothing for a bitmap', async () => {
    const before = process.memoryUsage().arrayBuffers;
    await factsOf(bmpOf(13_000, 13_000));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });
});

describe('a header of no pixels', () => {
  it.each<[string, () => Promise<Buffer>]>([
    ['JPEG', () => jpegOf(0, 10)],
    ['PNG', () => pngOf(0, 10)],
    ['BMP of no width', async () => bmpOf(0, 10)],
    ['BMP of no height', async () => bmpOf(10, 0)],
    [
      'ICO',
      async () => {
        const bytes = icoBitmap({ width: 8, height: 0, bitsPerPixel: 24, pixels: Buffer.alloc(0) });
        return ico([{ width: 8, height: 8, bitsPerPixel: 24, bytes }]);
      },
    ],
  ])('is no picture: %s', async (_name, make) => {
    expect(await factsOf(await make())).toEqual(cutOffHeader);
  });
});

describe('damaged bytes', () => {
  const names = [
    'progressive.jpg',
    'rgb.png',
    'palette-transparent.png',
    'animated.gif',
    'animated.webp',
    'photo.avif',
    'multipage.tiff',
    'rgb.bmp',
    'icon.ico',
  ];

  it.each(names)('never make reading fail: %s', async (name) => {
    const whole = await readFile(corpus + name);
    const damage = fc.record({
      length: fc.oneof(fc.constant(whole.length), fc.integer({ min: 0, max: whole.length })),
      flips: fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 255 })), {
        maxLength: 4,
      }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ length, flips }) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        for (const [at, bits] of flips) if (at < length) bytes[at]! ^= bits;
        const facts = await factsOf(bytes, 1_000_000);
        const isDecoded = facts.perceptualHash !== null;
        expect([facts.width !== null, facts.height !== null]).toEqual([isDecoded, isDecoded]);
        if (isDecoded) expect(facts.problem).toBeNull();
        if (facts.contentType === 'application/octet-stream') expect(facts.problem).not.toBeNull();
      }),
      { numRuns: randomRuns(60) },
    );
  });

  it.each(names)('that end before the middle have no size: %s', async (name) => {
    const whole = await readFile(corpus + name);
    // The first picture of an animation may be whole long before the middle.
    const end = name.startsWith('animated') ? 2000 : whole.length / 2;
    expect(await factsOf(whole.subarray(0, end))).toMatchObject({ ...nulls, problem: 'CUT_OFF' });
  });
});

import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { describe as describeRaster, encodeDescriptor } from '#src/embedded/picture/descriptor.js';
import { dHash } from '#src/embedded/picture/dhash.js';
import { greyRaster, luma, rgbRaster } from '#src/embedded/picture/grey-raster.js';
import { describePicture } from '#src/embedded/picture/read-picture.js';
import { readRaster } from '#src/embedded/picture/read-raster.js';
import { randomRuns } from '../../harness/repetitions.js';
import { corpusPicture } from '../corpus.js';
import { factsOf, MAX_PIXELS, withFile } from './facts-of.js';

interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  indices: readonly number[];
  palette?: readonly number[];
  transparent?: number;
  isInterlaced?: boolean;
}

const words = (...values: number[]) => values.flatMap((value) => [value & 255, value >> 8]);

/** @param palette greys, a power of two of them */
function gif(width: number, height: number, palette: readonly number[], frame: Frame): Buffer {
  const rgb = (greys: readonly number[]) => greys.flatMap((grey) => [grey, grey, grey]);
  const flags = (greys: readonly number[]) => (greys.length > 0 ? 0x80 | (Math.log2(greys.length) - 1) : 0);
  const { transparent, palette: local = [] } = frame;
  return Buffer.from([
    ...Buffer.from('GIF89a'),
    ...words(width, height),
    flags(palette),
    0,
    0,
    ...rgb(palette),
    ...[0x21, 0xfe, 5, ...Buffer.from('hello'), 0],
    ...(transparent === undefined ? [] : [0x21, 0xf9, 4, 1, 0, 0, transparent, 0]),
    0x2c,
    ...words(frame.left, frame.top, frame.width, frame.height),
    flags(local) | (frame.isInterlaced ? 0x40 : 0),
    ...rgb(local),
    ...plainLzw(frame.indices),
    0x3b,
  ]);
}

/** Nine bits a code: the table is cleared before it needs ten. */
function plainLzw(indices: readonly number[]): number[] {
  const codes = indices.flatMap((index, i) => (i % 200 === 0 ? [256, index] : [index]));
  const bits = [...codes, 257].map((code) => code.toString(2).padStart(9, '0')).toReversed();
  const packed = (bits.join('').match(/.{1,8}(?=(.{8})*$)/g) ?? [])
    .toReversed()
    .map((byte) => Number.parseInt(byte, 2));
  const blocks: number[] = [];
  for (let at = 0; at < packed.length; at += 255) {
    const block = packed.slice(at, at + 255);
    blocks.push(block.length, ...block);
  }
  return [8, ...blocks, 0];
}

function decodedAs(width: number, height: number, grey: readonly number[]) {
  const perceptualHash = dHash(greyRaster(Uint8Array.from(grey), width, height, 1));
  return { contentType: 'image/gif', width, height, perceptualHash, problem: null };
}

const width = 19;
const height = 23;
const indices = Array.from({ length: width * height }, (_, i) => (i * 7 + Math.floor(i / width) * 5) % 16);
const palette = Array.from({ length: 16 }, (_, i) => (i * 83) % 256);
const grey = indices.map((index) => palette[index]!);
const whole = { left: 0, top: 0, width, height, indices };

describe('GIF', () => {
  it('has the colours of its palette', async () => {
    expect(await factsOf(gif(width, height, palette, whole))).toEqual(decodedAs(width, height, grey));
  });

  it('keeps the colour of transparent pixels', async () => {
    const file = gif(width, height, palette, { ...whole, transparent: 5 });
    expect(await factsOf(file)).toEqual(decodedAs(width, height, grey));
  });

  it('has the colours of the palette of its first picture, if that has one', async () => {
    const file = gif(width, height, [0, 255], { ...whole, palette });
    expect(await factsOf(file)).toEqual(decodedAs(width, height, grey));
  });

  it('without any palette is a ramp of greys', async () => {
    expect(await factsOf(gif(width, height, [], whole))).toEqual(decodedAs(width, height, indices));
  });

  it('may have its lines interlaced', async () => {
    const order = [
      [0, 8],
      [4, 8],
      [2, 4],
      [1, 2],
    ].flatMap(([first, step]) =>
      Array.from({ length: height }, (_, y) => y).filter((y) => y >= first! && (y - first!) % step! === 0),
    );
    const interlaced = order.flatMap((y) => indices.slice(y * width, (y + 1) * width));
    const file = gif(width, height, palette, { ...whole, indices: interlaced, isInterlaced: true });
    expect(await factsOf(file)).toEqual(decodedAs(width, height, grey));
  });

  it.each([
    [undefined, 0],
    [9, 9],
  ])(
    'fills the canvas around its first picture with the transparent colour (%s) or the first',
    async (transparent, fill) => {
      const canvas = Array.from({ length: 30 * 40 }, (_, i) => {
        const [x, y] = [(i % 30) - 4, Math.floor(i / 30) - 6];
        const isInside = x >= 0 && x < width && y >= 0 && y < height;
        return isInside ? grey[y * width + x]! : palette[fill]!;
      });
      const frame = { ...whole, left: 4, top: 6, ...(transparent === undefined ? {} : { transparent }) };
      expect(await factsOf(gif(30, 40, palette, frame))).toEqual(decodedAs(30, 40, canvas));
    },
  );

  it('grows to the size of its first picture', async () => {
    expect(await factsOf(gif(2, 2, palette, whole))).toEqual(decodedAs(width, height, grey));
  });

  it('needs no trailer, but all its pixels', async () => {
    const file = gif(width, height, palette, whole);
    expect(await factsOf(file.subarray(0, -2))).toEqual(decodedAs(width, height, grey));
    expect(await factsOf(file.subarray(0, -20))).toMatchObject({
      contentType: 'image/gif',
      problem: 'CUT_OFF',
    });
  });

  it('unpacks what another encoder packed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer(),
        async (w, h, seed) => {
          const samples = Buffer.from(
            Array.from({ length: w * h * 3 }, (_, i) => Math.imul(i >> 4, seed) >>> 24),
          );
          const raw = { width: w, height: h, channels: 3 } as const;
          const file = await sharp(samples, { raw }).gif({ dither: 0 }).toBuffer();
          const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
          const raster = rgbRaster(data, w, h, info.channels);
          expect(await factsOf(file)).toMatchObject({ width: w, height: h, perceptualHash: dHash(raster) });
        },
      ),
      { numRuns: randomRuns(40) },
    );
  });

  it('knows the luma of coloured palettes', () => {
    expect(luma(0x12, 0x34, 0x56)).toBe(46);
  });
});

describe('how a GIF looks', () => {
  const looksOf = (bytes: Buffer) =>
    withFile(bytes, (path) => describePicture(path, { maxPixels: MAX_PIXELS }, async () => {}));
  /** What libvips sees of it. */
  const seenBy = async (bytes: Buffer) => encodeDescriptor(describeRaster(await readRaster(bytes)));

  it.each(['odd/static.gif', 'odd/animated.gif'])('is what libvips shows, in colour: %s', async (name) => {
    const bytes = corpusPicture(name);
    expect((await looksOf(bytes))?.descriptor).toEqual(await seenBy(bytes));
  });

  it('is what libvips shows of transparent pixels', async () => {
    const bytes = gif(width, height, palette, { ...whole, transparent: 5 });
    expect((await looksOf(bytes))?.descriptor).toEqual(await seenBy(bytes));
  });

  it('is judged by the same codes as its hash', async () => {
    const bytes = gif(width, height, palette, whole);
    for (let length = 13; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      expect((await looksOf(cut)) !== null).toBe((await factsOf(cut)).problem === null);
    }
  });

  it('takes memory for its first frame, and not for the bytes of the file', async () => {
    const block = Buffer.alloc(256);
    block[0] = 255;
    const frame = gif(1, 1, [0, 255], { left: 0, top: 0, width: 1, height: 1, indices: [0] });
    // Behind the end of its data, a frame may have any number of blocks that say nothing.
    const long = Buffer.concat([frame.subarray(0, -2), ...Array(1000).fill(block), Buffer.of(0, 0x3b)]);
    const animated = Buffer.concat([
      frame.subarray(0, -1),
      ...Array(1000).fill(frame.subarray(frame.indexOf(0x2c))),
    ]);
    for (const bytes of [long, animated])
      await withFile(bytes, async (path) => {
        const reserved: number[] = [];
        const described = await describePicture(path, { maxPixels: 1 }, async (n) => void reserved.push(n));
        expect(described).not.toBeNull();
        expect(Math.max(...reserved)).toBeLessThan(1000);
      });
  });
});

it('of zero bytes between its blocks is the same picture', async () => {
  const bytes = gif(width, height, palette, whole);
  const descriptor = bytes.lastIndexOf(Buffer.of(0x2c, ...words(0, 0, width, height)));
  const strayed = Buffer.concat([bytes.subarray(0, descriptor), Buffer.alloc(7), bytes.subarray(descriptor)]);
  expect(await factsOf(strayed)).toEqual(await factsOf(bytes));
});

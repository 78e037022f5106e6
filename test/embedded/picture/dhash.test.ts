import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dHash } from '#src/embedded/picture/dhash.js';
import { greyRaster, luma, rgbRaster } from '#src/embedded/picture/grey-raster.js';
import { randomRuns } from '../../harness/repetitions.js';
import { referenceDHash } from './reference-dhash.js';
import { rowsOf } from './rows-of.js';

function picture(width: number, height: number, grey: (x: number, y: number) => number) {
  const samples = Array.from({ length: width * height }, (_, i) => grey(i % width, Math.floor(i / width)));
  return { samples, hash: dHash(greyRaster(Uint8Array.from(samples), width, height, 1)) };
}

describe('dHash', () => {
  const size = fc.integer({ min: 1, max: 64 });

  it('equals the straightforward computation on pictures of any small size', () => {
    const pictures = fc.tuple(size, size).chain(([width, height]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        samples: fc.uint8Array({ minLength: width * height, maxLength: width * height }),
      }),
    );
    fc.assert(
      fc.property(pictures, ({ width, height, samples }) => {
        expect(dHash(greyRaster(samples, width, height, 1))).toBe(
          referenceDHash(Array.from(samples), width, height),
        );
      }),
      { numRuns: randomRuns(300) },
    );
  });

  it('makes colours grey as luma does, whatever the number of pixels in a row', () => {
    const colours = fc
      .tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 20 }))
      .chain(([width, height]) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          // Black, white and full colours often, where a rounding would show.
          rgb: fc.array(
            fc.oneof(fc.constantFrom(0, 1, 127, 128, 254, 255), fc.integer({ min: 0, max: 255 })),
            {
              minLength: 3 * width * height,
              maxLength: 3 * width * height,
            },
          ),
        }),
      );
    fc.assert(
      fc.property(colours, ({ width, height, rgb }) => {
        const raster = rgbRaster(Uint8Array.from(rgb), width, height, 3);
        const grey = Array.from({ length: width * height }, (_, i) =>
          luma(rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!),
        );
        expect(rowsOf(raster).flat()).toEqual(grey);
        expect(dHash(raster)).toBe(referenceDHash(grey, width, height));
      }),
      { numRuns: 200 },
    );
  });

  it('equals the straightforward computation where black and white meet, in rows of any length', () => {
    const edges = fc.record({
      width: fc.integer({ min: 1, max: 3000 }),
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
    });
    fc.assert(
      fc.property(edges, ({ width, seed }) => {
        const { samples, hash } = picture(width, 9, (x, y) =>
          Math.imul(seed ^ ((x >> (seed & 7)) * 31 + y), 0x9e3779b1) < 0 ? 255 : 0,
        );
        expect(hash).toBe(referenceDHash(samples, width, 9));
      }),
      { numRuns: 100 },
    );
  });

  it('gives the same after a picture whose rows need a memory of their own', () => {
    const small = () => picture(100, 90, (x, y) => (x * 7 + y * 13) & 255).hash;
    const before = small();
    const { samples, hash } = picture(60_000, 2, (x, y) => (x * 37 + y * 91 + (x % 101)) & 255);
    expect(hash).toBe(referenceDHash(samples, 60_000, 2));
    expect(small()).toBe(before);
  });

  it.each([
    [1000, 700],
    [1411, 3],
    [2, 2500],
    [9, 8],
    [10, 9],
    [641, 479],
  ])('equals the straightforward computation at %i × %i', (width, height) => {
    const { samples, hash } = picture(width, height, (x, y) => (x * 37 + y * 91 + ((x * y) % 101)) & 255);
    expect(hash).toBe(referenceDHash(samples, width, height));
  });

  it('is zero for a picture of one colour, whatever its size', () => {
    fc.assert(
      fc.property(size, size, fc.integer({ min: 0, max: 255 }), (width, height, grey) => {
        expect(picture(width, height, () => grey).hash).toBe('0000000000000000');
      }),
    );
  });

  it('is zero for a single pixel', () => {
    expect(picture(1, 1, () => 200).hash).toBe('0000000000000000');
  });

  it('has a bit set where the picture gets brighter to the right', () => {
    expect(picture(90, 80, (x) => x * 2).hash).toBe('ffffffffffffffff');
    expect(picture(90, 80, (x) => 255 - x * 2).hash).toBe('0000000000000000');
    expect(picture(90, 80, (x, y) => (y < 40 ? x * 2 : 255 - x * 2)).hash).toBe('ffffffff00000000');
  });
});

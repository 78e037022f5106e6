import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dHash } from '#src/embedded/picture/dhash.js';
import { greyRaster } from '#src/embedded/picture/grey-raster.js';
import { randomRuns } from '../../harness/repetitions.js';
import { referenceDHash } from './reference-dhash.js';

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

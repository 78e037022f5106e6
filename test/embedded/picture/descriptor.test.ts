import fc from 'fast-check';
import { expect, describe as suite, test } from 'vitest';
import { signHash, transposedHash } from '#src/embedded/picture/dct-hash.js';
import {
  DESCRIPTOR_BYTES,
  decodeDescriptor,
  describe,
  encodeDescriptor,
} from '#src/embedded/picture/descriptor.js';
import { RASTER_SIZE, type Raster } from '#src/embedded/picture/raster.js';
import { BUSY_VIEWS } from '#src/embedded/picture/views.js';
import { randomRuns } from '../../harness/repetitions.js';
import { noisyShapes, plainRaster, rasterOf } from './rasters.js';

/** The raster with the pixel of `from(x, y)` at (x, y). */
function moved(raster: Raster, from: (x: number, y: number) => [number, number]): Raster {
  return rasterOf((x, y) => {
    const [fromX, fromY] = from(x, y);
    return raster.luma[fromY * RASTER_SIZE + fromX]!;
  });
}

const last = RASTER_SIZE - 1;

/** The classes of a hash that a flip negates. */
const MIRRORED = [0, 2];
const UPSIDE_DOWN = [0, 1];

function withNegated(hash: Uint8Array, classes: number[]): Uint8Array {
  return hash.map((byte, index) => (classes.includes(Math.floor(index / 8)) ? byte ^ 0xff : byte));
}

suite('a descriptor', () => {
  test('is the same for the same raster', () => {
    const first = encodeDescriptor(describe(noisyShapes(1)));
    const second = encodeDescriptor(describe(noisyShapes(1)));
    expect(first.equals(second)).toBe(true);
    expect(first.equals(encodeDescriptor(describe(noisyShapes(2))))).toBe(false);
  });

  test('survives its encoding', () => {
    const rasters = [
      noisyShapes(3),
      plainRaster(77),
      rasterOf((x, y) => (y < 40 || y > 220 ? 0 : (x * y) % 256)),
    ];
    for (const raster of rasters) {
      const descriptor = describe(raster);
      const bytes = encodeDescriptor(descriptor);
      expect(bytes.length).toBe(DESCRIPTOR_BYTES);
      const decoded = decodeDescriptor(bytes)!;
      expect(encodeDescriptor(decoded).equals(bytes)).toBe(true);
      expect(decoded.plain).toBe(descriptor.plain);
      expect(decoded.whole === null).toBe(descriptor.whole === null);
      expect(decoded.views.map(({ discount }) => discount)).toEqual(
        descriptor.views.map(({ discount }) => discount),
      );
    }
  });

  test('keeps a busy part among bars that are not plain apart from the border', () => {
    const picture = noisyShapes(5);
    const screen = rasterOf((x, y) => {
      if (y >= 48 && y < 208) return picture.luma[y * RASTER_SIZE + x]!;
      return y > 10 && y < 20 && x > 8 && x < 40 ? 0 : 255;
    });
    const descriptor = describe(screen);
    expect(descriptor.busy).toHaveLength(BUSY_VIEWS.length);
    expect(describe(picture).busy).toBeNull();
    const decoded = decodeDescriptor(encodeDescriptor(descriptor))!;
    expect(decoded.busy!.map(({ hash }) => Buffer.from(hash).toString('hex'))).toEqual(
      descriptor.busy!.map(({ hash }) => Buffer.from(hash).toString('hex')),
    );
  });

  test('of another version is not read', () => {
    const bytes = encodeDescriptor(describe(noisyShapes(4)));
    bytes[0]! += 1;
    expect(decodeDescriptor(bytes)).toBeNull();
    expect(decodeDescriptor(new Uint8Array(3))).toBeNull();
  });

  test('knows the border of a picture', () => {
    const picture = noisyShapes(5);
    const bordered = rasterOf((x, y) =>
      x < 32 || x >= 224 || y < 32 || y >= 224 ? 250 : picture.luma[y * RASTER_SIZE + x]!,
    );
    expect(describe(picture).whole).toBeNull();
    expect(describe(bordered).whole).not.toBeNull();
  });
});

suite('the hash of a turned or mirrored picture', () => {
  const picture = noisyShapes(6);
  const hash = describe(picture).views[0]!.hash;
  const hashOf = (raster: Raster) => describe(raster).views[0]!.hash;

  test('is the hash with whole classes negated', () => {
    expect(hashOf(moved(picture, (x, y) => [last - x, y]))).toEqual(withNegated(hash, MIRRORED));
    expect(hashOf(moved(picture, (x, y) => [x, last - y]))).toEqual(withNegated(hash, UPSIDE_DOWN));
    expect(hashOf(moved(picture, (x, y) => [last - x, last - y]))).toEqual(
      withNegated(withNegated(hash, MIRRORED), UPSIDE_DOWN),
    );
  });

  test('is the transposed hash for the picture on its side', () => {
    expect(hashOf(moved(picture, (x, y) => [y, x]))).toEqual(transposedHash(hash));
    expect(hashOf(moved(picture, (x, y) => [y, last - x]))).toEqual(
      withNegated(transposedHash(hash), MIRRORED),
    );
  });

  test('transposed is what the transposed coefficients give', () => {
    const coefficients = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), {
      minLength: 256,
      maxLength: 256,
    });
    fc.assert(
      fc.property(coefficients, (values) => {
        const swapped = Float64Array.from(values, (_, at) => values[(at % 16) * 16 + Math.floor(at / 16)]!);
        expect(transposedHash(signHash(Float64Array.from(values)))).toEqual(signHash(swapped));
      }),
      { numRuns: randomRuns(50) },
    );
  });
});

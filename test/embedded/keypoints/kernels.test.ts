import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASIS, OFFSETS } from '#src/embedded/keypoints/basis.js';
import { Blur } from '#src/embedded/keypoints/blur.js';
import { distancesOf } from '#src/embedded/keypoints/codes.js';
import type { GreyCopy } from '#src/embedded/keypoints/detect.js';
import { ExtremaFinder, type Extremum } from '#src/embedded/keypoints/extrema.js';
import { Orientations } from '#src/embedded/keypoints/orientation.js';
import { Patches } from '#src/embedded/keypoints/patch.js';
import { Planes } from '#src/embedded/keypoints/planes.js';
import { type Octave, octaveBytes, octavesOf } from '#src/embedded/keypoints/scale-space.js';
import { bytesOf } from '#src/embedded/web-assembly.js';
import { plainOrientations, plainPatch } from './plain-gradients.js';
import { plainBlur, plainExtrema, plainOctaves } from './plain-scale-space.js';

/** One for all, so that each finds what the one before left. */
const planes = new Planes();

const side = (least: number, most: number) => fc.integer({ min: least, max: most });

/** Noise, hard edges, one tone, steep and faint slopes. */
const tones = fc.constantFrom<(x: number, y: number, random: number) => number>(
  (_x, _y, random) => random,
  (_x, _y, random) => (random < 0.5 ? 0 : 1),
  (_x, _y, random) => (random < 0.02 ? 1 : 0.5),
  () => 0.7,
  (x, y) => ((x >> 3) ^ (y >> 3)) & 1,
  (x, y) => (x + 3 * y) / 1000,
  (x, _y, random) => x / 300 + random / 255,
  (_x, _y, random) => random * 2 ** -70,
  (x, y) => (x % 5 === 0 ? 2 ** -60 : 1) * (y % 7 === 0 ? 0 : 1),
);

const plane = (least: number, most: number) =>
  fc
    .record({ width: side(least, most), height: side(least, most), tone: tones, seed: side(0, 1e9) })
    .map(({ width, height, tone, seed }) => {
      const next = () => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return seed / 2 ** 32;
      };
      const values = Float32Array.from({ length: width * height }, (_, at) =>
        tone(at % width, Math.floor(at / width), next()),
      );
      return { values, width, height };
    });

const copyOf = ({ values, ...size }: { values: Float32Array; width: number; height: number }): GreyCopy => ({
  ...size,
  luma: Uint8Array.from(values, (value) => Math.min(255, value * 256)),
});

describe('kernels for keypoints', () => {
  it('blur as one tone at a time does', () => {
    fc.assert(
      fc.property(plane(1, 70), fc.double({ min: 0.3, max: 4, noNaN: true }), (picture, sigma) => {
        const { values, width, height } = picture;
        planes.reset(Blur.bytes(width, height) + 2 * bytesOf(Float32Array, values.length));
        const blur = new Blur(planes, width, height);
        const [from, to] = [values, values].map(({ length }) => planes.take(Float32Array, length)) as [
          Float32Array,
          Float32Array,
        ];
        from.set(values);
        blur.blur(from, to, width, height, sigma);
        expect(to).toEqual(plainBlur(values, width, height, sigma));
      }),
    );
  });

  it('make the octaves, and find their extrema, as one pixel at a time does', () => {
    fc.assert(
      fc.property(plane(1, 80), (picture) => {
        const copy = copyOf(picture);
        const { luma, width, height } = copy;
        planes.reset(octaveBytes(width, height) + ExtremaFinder.bytes(width * height));
        const finder = new ExtremaFinder(planes, width * height);
        const octaves = [...octavesOf(planes, luma, width, height)];
        expect(octaves).toEqual(plainOctaves(copy));
        for (const octave of octaves) {
          const pixels = [1, 2, 3].map((scale) => finder.pixelsOf(octave, scale));
          expect(pixels).toEqual(plainExtrema(octave, 5));
        }
      }),
    );
  });

  it('add up gradients as one at a time does', () => {
    const places = fc.record({
      x: fc.double({ min: 5, max: 40, noNaN: true }),
      y: fc.double({ min: 5, max: 40, noNaN: true }),
      sigma: fc.double({ min: 1.6, max: 4, noNaN: true }),
      angle: fc.double({ min: -7, max: 7, noNaN: true }),
    });
    fc.assert(
      fc.property(plane(16, 46), places, ({ values, width, height }, { x, y, sigma, angle }) => {
        planes.reset(bytesOf(Float32Array, values.length) + Orientations.bytes + Patches.bytes);
        const [orientations, patches] = [new Orientations(planes), new Patches(planes)];
        const blurred = planes.take(Float32Array, values.length);
        blurred.set(values);
        const octave: Octave = { step: 1, width, height, blurred: [blurred], differences: [] };
        const inside = { x: Math.min(x, width - 6), y: Math.min(y, height - 6) };
        const extremum: Extremum = { octave, scale: 0, ...inside, sigma, contrast: 1 };
        expect(orientations.orientationsOf(extremum)).toEqual(plainOrientations(extremum));
        expect(patches.describe(extremum, angle)).toEqual(plainPatch(extremum, angle));
      }),
    );
  });

  it('weight patches as one value at a time does', () => {
    const weights = new Int8Array(Buffer.from(BASIS, 'base64'));
    const value = fc.oneof(fc.constantFrom(0, 255), side(0, 255));
    fc.assert(
      fc.property(fc.array(value, { minLength: 128, maxLength: 128 }), (values) => {
        const plain = OFFSETS.map((offset, bit) =>
          values.reduce((sum, each, i) => sum + each * weights[128 * bit + i]!, -offset),
        );
        expect([...distancesOf(Uint8Array.from(values))]).toEqual(plain);
      }),
    );
  });
});

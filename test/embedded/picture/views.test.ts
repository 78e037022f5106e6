import fc from 'fast-check';
import { expect, describe as suite, test } from 'vitest';
import { lowFrequencies } from '#src/embedded/picture/dct.js';
import { informationIn } from '#src/embedded/picture/informative.js';
import { RASTER_SIZE } from '#src/embedded/picture/raster.js';
import { Sampler } from '#src/embedded/picture/sampling.js';
import { PlainSampler, plainEnergy, plainFrequencies, plainSpread } from './plain-views.js';
import { noisyShapes, plainRaster, randomFrom, rasterOf } from './rasters.js';

const rasters = fc.oneof(
  fc.integer({ min: 1, max: 1e6 }).map(noisyShapes),
  fc.constantFrom(0, 77, 255).map(plainRaster),
  fc.integer({ min: 1, max: 1e6 }).map((seed) => {
    const random = randomFrom(seed);
    return rasterOf(() => (random() < 0.5 ? 0 : 255));
  }),
  fc.constant(rasterOf((x, y) => (x === 128 && y === 128 ? 255 : 0))),
);

const edge = fc.oneof(
  fc.integer({ min: 0, max: RASTER_SIZE - 1 }),
  fc.double({ min: 0, max: RASTER_SIZE - 1, noNaN: true }),
);
const span = (from: number, to: number) => ({ start: Math.min(from, to), end: Math.max(from, to) + 1 });
const frames = fc.tuple(edge, edge, edge, edge).map(([x0, x1, y0, y1]) => {
  const [across, down] = [span(x0, x1), span(y0, y1)];
  return { left: across.start, top: down.start, right: across.end, bottom: down.end };
});

/** What is kept of a grid, and the grid itself. */
function looked(grid: Float64Array) {
  const coefficients = lowFrequencies(grid);
  const { spread, share } = informationIn(grid, coefficients);
  return { grid: grid.slice(), coefficients: coefficients.slice(), spread, share };
}

function plainlyLooked(grid: Float64Array) {
  const coefficients = plainFrequencies(grid);
  const low = coefficients.reduce((sum, each) => sum + each * each, 0);
  return { grid, coefficients, spread: plainSpread(grid), share: low / Math.max(low, plainEnergy(grid)) };
}

suite('a view', () => {
  test('is the same, upright, as one tone at a time', () => {
    fc.assert(
      fc.property(rasters, frames, ({ luma }, frame) => {
        const found = looked(new Sampler(luma).upright(frame));
        expect(found).toEqual(plainlyLooked(new PlainSampler(luma).upright(frame)));
      }),
    );
  });

  test('is the same, turned, as one tone at a time', () => {
    const turns = fc.double({ min: -180, max: 180, noNaN: true });
    const aspects = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(rasters, frames, turns, aspects, ({ luma }, frame, degrees, aspect) => {
        const found = looked(new Sampler(luma).tilted(frame, degrees, aspect));
        expect(found).toEqual(plainlyLooked(new PlainSampler(luma).tilted(frame, degrees, aspect)));
      }),
    );
  });
});

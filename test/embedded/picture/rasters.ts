import { RASTER_SIZE, type Raster } from '#src/embedded/picture/raster.js';

export function rasterOf(tone: (x: number, y: number) => number): Raster {
  const luma = new Uint8Array(RASTER_SIZE * RASTER_SIZE);
  for (let y = 0; y < RASTER_SIZE; y++) {
    for (let x = 0; x < RASTER_SIZE; x++) luma[y * RASTER_SIZE + x] = tone(x, y);
  }
  return { luma, aspect: 1, chroma: [128, 128] };
}

export function plainRaster(tone: number): Raster {
  return rasterOf(() => tone);
}

/** Numbers of 0 to 1 that depend on the seed alone. */
export function randomFrom(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** Forty rectangles of random tones under noise: full of shapes everywhere, another one for each seed. */
export function noisyShapes(seed: number): Raster {
  const random = randomFrom(seed);
  const shapes = Array.from({ length: 40 }, () => ({
    left: random() * RASTER_SIZE,
    top: random() * RASTER_SIZE,
    width: 20 + random() * 80,
    height: 20 + random() * 80,
    tone: random() * 210,
  }));
  return rasterOf((x, y) => {
    const shape = shapes.findLast(
      ({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height,
    );
    return (shape?.tone ?? 120) + random() * 40;
  });
}

import { ExtremaFinder, type Extremum } from './extrema.js';
import { Orientations } from './orientation.js';
import { Patches } from './patch.js';
import { keptPlanes } from './planes.js';
import { octaveBytes, octavesOf } from './scale-space.js';

/** A copy of a picture that keeps its aspect, as keypoints are looked for in it. */
export interface GreyCopy {
  /** Row by row, 0 black to 255 white. */
  readonly luma: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A distinct place in a picture, and what is around it. Lengths are shares of the picture's longer side. */
export interface Keypoint {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  /** In radians, clockwise from the right. */
  readonly angle: number;
  /** See Patches. */
  readonly patch: Uint8Array;
}

/** Cells on each side of the picture, over which keypoints are spread. */
const CELLS = 8;

/**
 * The most distinct keypoints of a picture, spread over it, so that lettering or one thing full of detail does not take
 * all places. The same copy always gives the same keypoints.
 */
export function detectKeypoints({ luma, width, height }: GreyCopy, most: number): Keypoint[] {
  const planes = keptPlanes();
  const pixels = width * height;
  planes.reset(octaveBytes(width, height) + ExtremaFinder.bytes(pixels) + Orientations.bytes + Patches.bytes);
  const finder = new ExtremaFinder(planes, pixels);
  const [orientations, patches] = [new Orientations(planes), new Patches(planes)];
  const extrema: Extremum[] = [];
  for (const octave of octavesOf(planes, luma, width, height)) extrema.push(...finder.extremaOf(octave));
  const side = Math.max(width, height);
  const found: Keypoint[] = [];
  for (const extremum of spread(extrema, width, height)) {
    for (const angle of orientations.orientationsOf(extremum)) {
      if (found.length === most) return found;
      const { x, y, sigma, octave } = extremum;
      // A pixel of an octave is one of the picture, in whose middle it lies.
      const [px, py] = [x, y].map((place) => place * octave.step + 0.5) as [number, number];
      const patch = patches.describe(extremum, angle);
      found.push({ x: px / side, y: py / side, size: (sigma * octave.step) / side, angle, patch });
    }
  }
  return found;
}

/** In rounds over the cells, the strongest of each cell first, and within a round the strongest first. */
function spread(extrema: readonly Extremum[], width: number, height: number): Extremum[] {
  const taken = new Map<number, number>();
  return extrema
    .map((extremum) => ({ extremum, strength: strengthOf(extremum) }))
    .sort((a, b) => b.strength - a.strength)
    .map(({ extremum }) => {
      const { x, y, octave } = extremum;
      const column = Math.floor((x * octave.step * CELLS) / width);
      const cell = Math.floor((y * octave.step * CELLS) / height) * CELLS + column;
      const round = taken.get(cell) ?? 0;
      taken.set(cell, round + 1);
      return { extremum, round };
    })
    .sort((a, b) => a.round - b.round)
    .map(({ extremum }) => extremum);
}

/** What is large as well as distinct is still there in a small copy. */
function strengthOf({ contrast, sigma, octave }: Extremum): number {
  return contrast * sigma * octave.step;
}

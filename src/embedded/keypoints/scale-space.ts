import { blur, type Plane } from './blur.js';

/** Blurs an octave is divided into. */
export const SCALES = 3;
/** Standard deviation of the blur that an octave begins with, in its own pixels. */
export const BASE_SIGMA = 1.6;
/** What a picture is taken to have been blurred by when it was made. */
const CAMERA_SIGMA = 0.5;
/** A smaller octave holds no whole neighbourhood of a keypoint. */
const LEAST_SIDE = 16;

/** The picture at one half, one quarter and so on of its size, blurred ever more. */
export interface Octave {
  /** How many pixels of the picture a pixel is wide. */
  readonly step: number;
  readonly width: number;
  readonly height: number;
  /** SCALES + 3 planes, the one at `i` blurred by BASE_SIGMA · 2^(i / SCALES). */
  readonly blurred: readonly Plane[];
  /** SCALES + 2 planes, each the difference of two neighbouring blurs. */
  readonly differences: readonly Plane[];
}

/** The blur from each plane of an octave to the next. */
const STEPS = Array.from({ length: SCALES + 2 }, (_, index) => {
  const sigma = BASE_SIGMA * 2 ** (index / SCALES);
  return Math.sqrt((sigma * 2 ** (1 / SCALES)) ** 2 - sigma ** 2);
});

/** @param tones row by row, 0 to 1 */
export function* octavesOf(tones: Plane, width: number, height: number): Generator<Octave> {
  let base = blur(tones, width, height, Math.sqrt(BASE_SIGMA ** 2 - CAMERA_SIGMA ** 2));
  let [across, down] = [width, height];
  for (let step = 1; Math.min(across, down) >= LEAST_SIDE; step *= 2) {
    const blurred = [base];
    for (const sigma of STEPS) blurred.push(blur(blurred.at(-1)!, across, down, sigma));
    const differences = STEPS.map((_, index) => difference(blurred[index + 1]!, blurred[index]!));
    yield { step, width: across, height: down, blurred, differences };
    base = everySecond(blurred[SCALES]!, across, down);
    [across, down] = [across >> 1, down >> 1];
  }
}

function difference(a: Plane, b: Plane): Plane {
  const result = new Float32Array(a.length);
  for (let i = 0; i < result.length; i++) result[i] = a[i]! - b[i]!;
  return result;
}

function everySecond(plane: Plane, width: number, height: number): Plane {
  const [across, down] = [width >> 1, height >> 1];
  const result = new Float32Array(across * down);
  for (let y = 0; y < down; y++)
    for (let x = 0; x < across; x++) result[y * across + x] = plane[2 * y * width + 2 * x]!;
  return result;
}

import { bytesOf } from '../web-assembly.js';
import { Blur } from './blur.js';
import type { Plane, Planes } from './planes.js';

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

/** The tones of bytes: 0 to 1. */
const TONES = Float32Array.from({ length: 256 }, (_, luma) => luma / 255);

/** The blur from each plane of an octave to the next. */
const STEPS = Array.from({ length: SCALES + 2 }, (_, index) => {
  const sigma = BASE_SIGMA * 2 ** (index / SCALES);
  return Math.sqrt((sigma * 2 ** (1 / SCALES)) ** 2 - sigma ** 2);
});

interface OctaveSize {
  readonly step: number;
  readonly width: number;
  readonly height: number;
}

/** Of the octaves of a picture; none where it is too small. */
function sizesOf(width: number, height: number): OctaveSize[] {
  const sizes: OctaveSize[] = [];
  for (let step = 1; Math.min(width, height) >= LEAST_SIDE; step *= 2) {
    sizes.push({ step, width, height });
    [width, height] = [width >> 1, height >> 1];
  }
  return sizes;
}

/** The bytes that octavesOf() takes of the planes. */
export function octaveBytes(width: number, height: number): number {
  const toBegin = bytesOf(Float32Array, width * height) + Blur.bytes(width, height);
  return sizesOf(width, height).reduce(
    (sum, size) => sum + (2 * STEPS.length + 1) * bytesOf(Float32Array, size.width * size.height),
    toBegin,
  );
}

/** @param luma row by row, 0 to 255 */
export function* octavesOf(
  planes: Planes,
  luma: Uint8Array,
  width: number,
  height: number,
): Generator<Octave> {
  const { subtract } = planes.kernels.scaleSpace;
  const blur = new Blur(planes, width, height);
  const tones = planes.take(Float32Array, width * height);
  // A function of its own: V8 compiles no loop of a generator as well.
  readTones(luma, tones);
  let above: Octave | undefined;
  for (const size of sizesOf(width, height)) {
    const pixels = size.width * size.height;
    const plane = () => planes.take(Float32Array, pixels);
    const first = plane();
    if (above) halve(above.blurred[SCALES]!, above.width, first, size);
    else blur.blur(tones, first, width, height, Math.sqrt(BASE_SIGMA ** 2 - CAMERA_SIGMA ** 2));
    const blurred = [first, ...STEPS.map(plane)];
    const differences = STEPS.map(plane);
    for (const [i, sigma] of STEPS.entries()) {
      const [before, after] = [blurred[i]!, blurred[i + 1]!];
      blur.blur(before, after, size.width, size.height, sigma);
      subtract(after.byteOffset, before.byteOffset, differences[i]!.byteOffset, pixels);
    }
    above = { ...size, blurred, differences };
    yield above;
  }
}

function readTones(luma: Uint8Array, to: Plane): void {
  for (let i = 0; i < to.length; i++) to[i] = TONES[luma[i]!]!;
}

/** Takes every second pixel of every second row. */
function halve(plane: Plane, rowLength: number, to: Plane, { width, height }: OctaveSize): void {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) to[y * width + x] = plane[2 * y * rowLength + 2 * x]!;
}

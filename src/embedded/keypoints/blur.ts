import { compileKernel, createMemory, PAGE_BYTES } from '../web-assembly.js';
import { blurRows } from './kernels.js';

/** One value for each pixel, row by row. */
export type Plane = Float32Array;

/** See blur.wat; all but the numbers of pixels are addresses. */
interface Kernel {
  blurRows(
    from: number,
    to: number,
    width: number,
    height: number,
    row: number,
    weights: number,
    radius: number,
  ): void;
}

/** Bytes of a tone. */
const TONE = Float32Array.BYTES_PER_ELEMENT;
/** The kernel takes four tones at a time. */
const TOGETHER = 4;

const memory = createMemory();
// The export is what blur.wat declares.
const kernel = compileKernel(blurRows)({ arena: { memory } }) as Kernel;

/** A Gaussian blur; beyond its edges the picture is as at the edge. */
export function blur(plane: Plane, width: number, height: number, sigma: number): Plane {
  const weights = gaussian(sigma);
  const radius = weights.length - 1;
  const planeBytes = (width * height + TOGETHER * Math.max(width, height)) * TONE;
  const rowBytes = (Math.max(width, height) + 2 * radius + TOGETHER) * TONE;
  const [first, second] = [0, planeBytes];
  const row = second + planeBytes;
  const weightsAt = row + rowBytes;
  reserve(weightsAt + weights.byteLength);
  const tones = new Float32Array(memory.buffer);
  tones.set(plane, first / TONE);
  tones.set(weights, weightsAt / TONE);
  kernel.blurRows(first, second, width, height, row, weightsAt, radius);
  kernel.blurRows(second, first, height, width, row, weightsAt, radius);
  return tones.slice(first / TONE, first / TONE + width * height);
}

/** Half of a symmetric kernel, from its middle. */
function gaussian(sigma: number): Float32Array {
  const radius = Math.ceil(3.5 * sigma);
  const weights = Float32Array.from({ length: radius + 1 }, (_, x) =>
    Math.exp((-x * x) / (2 * sigma * sigma)),
  );
  let sum = -weights[0]!;
  for (const weight of weights) sum += 2 * weight;
  return weights.map((weight) => weight / sum);
}

function reserve(bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}

import type { GreyCopy } from '#src/embedded/keypoints/detect.js';
import { type Octave, SCALES } from '#src/embedded/keypoints/scale-space.js';

/** The scale space of a picture as it is defined, a tone at a time. */

const STEPS = Array.from({ length: SCALES + 2 }, (_, index) => {
  const sigma = 1.6 * 2 ** (index / SCALES);
  return Math.sqrt((sigma * 2 ** (1 / SCALES)) ** 2 - sigma ** 2);
});

export function plainOctaves({ luma, width, height }: GreyCopy): Octave[] {
  const octaves: Octave[] = [];
  const tones = Float32Array.from(luma, (tone) => tone / 255);
  let base = plainBlur(tones, width, height, Math.sqrt(1.6 ** 2 - 0.5 ** 2));
  for (let step = 1; Math.min(width, height) >= 16; step *= 2) {
    const blurred = [base];
    for (const sigma of STEPS) blurred.push(plainBlur(blurred.at(-1)!, width, height, sigma));
    const differences = STEPS.map((_, i) => blurred[i + 1]!.map((tone, at) => tone - blurred[i]![at]!));
    octaves.push({ step, width, height, blurred, differences });
    const [rowLength, plane] = [width, blurred[SCALES]!];
    [width, height] = [width >> 1, height >> 1];
    base = Float32Array.from(
      { length: width * height },
      (_, at) => plane[2 * Math.floor(at / width) * rowLength + 2 * (at % width)]!,
    );
  }
  return octaves;
}

/** Along the rows, then along the columns, every sum rounded to single precision. */
export function plainBlur(plane: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const weights = gaussian(sigma);
  const blurredAt = (tone: (reach: number) => number) => {
    let sum = Math.fround(weights[0]! * tone(0));
    for (let reach = 1; reach < weights.length; reach++) {
      const both = Math.fround(tone(-reach) + tone(reach));
      sum = Math.fround(sum + Math.fround(weights[reach]! * both));
    }
    return sum;
  };
  const inside = (place: number, length: number) => Math.min(Math.max(place, 0), length - 1);
  const across = plane.map((_, at) => {
    const [x, row] = [at % width, Math.floor(at / width) * width];
    return blurredAt((reach) => plane[row + inside(x + reach, width)]!);
  });
  return across.map((_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return blurredAt((reach) => across[inside(y + reach, height) * width + x]!);
  });
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

/** The pixels whose difference is the greatest of its sign among all around it, by scale. */
export function plainExtrema({ width, height, differences }: Octave, margin: number): number[][] {
  return Array.from({ length: SCALES }, (_, index) => {
    const found: number[] = [];
    for (let y = margin; y < height - margin; y++)
      for (let x = margin; x < width - margin; x++)
        if (isExtremum(differences.slice(index, index + 3), width, y * width + x)) found.push(y * width + x);
    return found;
  });
}

function isExtremum(planes: readonly Float32Array[], width: number, at: number): boolean {
  const value = planes[1]![at]!;
  if (Math.abs(value) <= 0.01 / SCALES / 2) return false;
  for (const plane of planes)
    for (const row of [at - width, at, at + width])
      for (const other of [row - 1, row, row + 1])
        if (Math.sign(value) * plane[other]! > Math.abs(value)) return false;
  return true;
}

import { describe, expect, it } from 'vitest';
import { KNOWN_ANGLES } from '#src/embedded/keypoints/known-angles.js';
import { Planes } from '#src/embedded/keypoints/planes.js';
import { bytesOf } from '#src/embedded/web-assembly.js';

const RANDOM = 600_000;

/** The numbers around one, to the last bit. */
function around(value: number): number[] {
  const bits = new BigInt64Array([0n]);
  const number = new Float64Array(bits.buffer);
  number[0] = value;
  const [middle] = bits as unknown as [bigint];
  return [-2n, -1n, 0n, 1n, 2n].map((step) => {
    bits[0] = middle + step;
    return number[0]!;
  });
}

const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

/** Arrays in the memory of new kernels. */
function arraysOf(...values: (readonly number[] | Float64Array)[]) {
  const planes = new Planes();
  planes.reset(values.reduce((sum, { length }) => sum + bytesOf(Float64Array, length), 0));
  const arrays = values.map((each) => {
    const array = planes.take(Float64Array, each.length);
    array.set(each);
    return array;
  });
  return { arrays, kernel: planes.kernels.vectors };
}

/** The places at which the numbers are not the same, to the last bit. */
function differences(found: Float64Array, expected: readonly number[]): number[] {
  return expected.flatMap((value, at) => (Object.is(found[at], value) ? [] : [at]));
}

describe('functions of two numbers at a time', () => {
  it('have the angles and lengths that the engine has, to the last bit', () => {
    const next = random(1);
    const number = () => (next() - 0.5) * 2 ** (next() < 0.8 ? -8 * next() : -90 * next());
    const nasty = [
      ...[0, -0, 1, -1, Infinity, -Infinity, NaN, 2 ** -1074, -(2 ** -1022), 2 ** 60, 1e308],
      ...[7 / 16, 11 / 16, 19 / 16, 39 / 16, 2 ** -26, 2 ** -27, 2 ** 58, 2 ** 61].flatMap(around),
    ];
    const [xs, ys]: [number[], number[]] = [[], []];
    for (const y of nasty)
      for (const x of nasty) {
        xs.push(x, -x);
        ys.push(y, y);
      }
    for (let i = 0; i < RANDOM; i++) {
      xs.push(number());
      ys.push(number());
    }
    const { arrays, kernel } = arraysOf(xs, ys, KNOWN_ANGLES);
    const [x, y, known] = arrays as [Float64Array, Float64Array, Float64Array];
    kernel.toPolar(x.byteOffset, x.byteOffset + x.byteLength, y.byteOffset, known.byteOffset);
    expect(
      differences(
        y,
        ys.map((down, at) => Math.atan2(down, xs[at]!)),
      ),
    ).toEqual([]);
    expect(
      differences(
        x,
        xs.map((across, at) => Math.sqrt(across * across + ys[at]! * ys[at]!)),
      ),
    ).toEqual([]);
  });

  it('have the powers of e that the engine has, to the last bit', () => {
    const next = random(2);
    const limits = [2 ** -28, 2 ** -27, Math.LN2 / 2, 0.3465735912322998, 1.5 * Math.LN2, 1, 700, 708];
    const numbers = [0, -0, -Infinity, NaN, -1e-320, -745, -746, 1, 700, 2];
    numbers.push(...limits.flatMap((limit) => around(-limit)));
    for (let i = 0; i < RANDOM; i++) numbers.push(-(2 ** (next() * 14 - 9)));
    const { arrays, kernel } = arraysOf(numbers);
    const [powers] = arrays as [Float64Array];
    kernel.toPowers(powers.byteOffset, powers.byteOffset + powers.byteLength);
    expect(differences(powers, numbers.map(Math.exp))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import wabt from 'wabt';
import { vectors } from '#src/embedded/keypoints/kernels.js';
import { compileKernel } from '#src/embedded/web-assembly.js';

/** Functions of two pairs, for JavaScript: the second result is kept until it is asked for. */
const ADAPTER = `(module
  (func $atan2 (import "vectors" "atan2") (param v128 v128) (result v128))
  (func $exp (import "vectors" "exp") (param v128) (result v128))
  (global $second (mut f64) (f64.const 0))
  (func $first (param $both v128) (result f64)
    (global.set $second (f64x2.extract_lane 1 (local.get $both)))
    (f64x2.extract_lane 0 (local.get $both)))
  (func (export "second") (result f64) (global.get $second))
  (func (export "atan2") (param $y0 f64) (param $x0 f64) (param $y1 f64) (param $x1 f64) (result f64)
    (call $first
      (call $atan2
        (f64x2.replace_lane 1 (f64x2.splat (local.get $y0)) (local.get $y1))
        (f64x2.replace_lane 1 (f64x2.splat (local.get $x0)) (local.get $x1)))))
  (func (export "exp") (param $x0 f64) (param $x1 f64) (result f64)
    (call $first (call $exp (f64x2.replace_lane 1 (f64x2.splat (local.get $x0)) (local.get $x1))))))`;

interface Adapter {
  atan2(y0: number, x0: number, y1: number, x1: number): number;
  exp(x0: number, x1: number): number;
  second(): number;
}

const { parseWat } = await wabt();
const adapter = Buffer.from(parseWat('adapter.wat', ADAPTER).toBinary({}).buffer).toString('base64');
// The exports are what ADAPTER declares.
const kernel = compileKernel(adapter)({ vectors: compileKernel(vectors)({ engine: Math }) }) as Adapter;

const PAIRS = 300_000;

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

describe('functions of two numbers at a time', () => {
  it('have the angles that the engine has, to the last bit', () => {
    const next = random(1);
    const numbers = () => (next() - 0.5) * 2 ** (next() < 0.8 ? -8 * next() : -90 * next());
    const nasty = [
      ...[0, -0, 1, -1, Infinity, -Infinity, NaN, 2 ** -1074, -(2 ** -1022), 2 ** 60, 1e308],
      ...[7 / 16, 11 / 16, 19 / 16, 39 / 16, 2 ** -26, 2 ** -27, 2 ** 58, 2 ** 61].flatMap(around),
    ];
    const pairs: [number, number][] = nasty.flatMap((y) =>
      nasty.flatMap((x): [number, number][] => [
        [y, x],
        [y, -x],
        [-y, x],
      ]),
    );
    for (let i = 0; i < PAIRS; i++) pairs.push([numbers(), numbers()]);
    const wrong = pairs.filter(([y, x], i) => {
      const [otherY, otherX] = pairs[(i + 1) % pairs.length]!;
      const found = [kernel.atan2(y, x, otherY, otherX), kernel.second()];
      return !(Object.is(found[0], Math.atan2(y, x)) && Object.is(found[1], Math.atan2(otherY, otherX)));
    });
    expect(wrong).toEqual([]);
  });

  it('have the powers of e that the engine has, to the last bit', () => {
    const next = random(2);
    const nasty = [0, -0, -Infinity, NaN, -1e-320, -745, -746, 1, 700];
    const limits = [2 ** -28, 2 ** -27, Math.LN2 / 2, 0.3465735912322998, 1.5 * Math.LN2, 1, 700, 708];
    const numbers = [...nasty, ...limits.flatMap((limit) => around(-limit))];
    for (let i = 0; i < PAIRS; i++) numbers.push(-(2 ** (next() * 14 - 9)));
    const wrong = numbers.filter((x, i) => {
      const other = numbers[(i + 1) % numbers.length]!;
      const found = [kernel.exp(x, other), kernel.second()];
      return !(Object.is(found[0], Math.exp(x)) && Object.is(found[1], Math.exp(other)));
    });
    expect(wrong).toEqual([]);
  });
});

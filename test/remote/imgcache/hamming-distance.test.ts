import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hammingDistance } from '#src/remote/imgcache/hamming-distance.js';

const hash = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const hex = (value: bigint) => value.toString(16).padStart(16, '0');

it('is the number of differing bits', () => {
  fc.assert(
    fc.property(hash, hash, (a, b) => {
      const bits = (a ^ b).toString(2).replaceAll('0', '').length;
      expect(hammingDistance(hex(a), hex(b))).toBe(bits);
    }),
  );
  expect(hammingDistance('ffffffffffffffff', '0000000000000000')).toBe(64);
});

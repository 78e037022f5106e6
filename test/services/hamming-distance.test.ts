import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hammingDistance, hashChunks, hashHex } from '#src/services/hamming-distance.js';
import { arbitraryHash } from '../embedded/hashes.js';

test('a hash is cut most significant first', () => {
  expect(hashChunks('0123456789abcdef')).toEqual([0x0123, 0x4567, 0x89ab, 0xcdef]);
});

test('hex digits survive the way to chunks and back', () => {
  fc.assert(
    fc.property(arbitraryHash, (hash) => {
      expect(hashChunks(hashHex(hash))).toEqual(hash);
    }),
  );
  expect(hashHex([0, 1, 0, 0xf])).toBe('000000010000000f');
});

test('hex digits may be of either case', () => {
  fc.assert(
    fc.property(arbitraryHash, (hash) => {
      expect(hashChunks(hashHex(hash).toUpperCase())).toEqual(hash);
    }),
  );
});

test('the distance is the number of different bits', () => {
  const differentBits = (a: string, b: string) => {
    const difference = (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2);
    return difference.replaceAll('0', '').length;
  };
  fc.assert(
    fc.property(arbitraryHash, arbitraryHash, (a, b) => {
      expect(hammingDistance(a, b)).toBe(differentBits(hashHex(a), hashHex(b)));
    }),
  );
  expect(hammingDistance([0, 0, 0, 0], [0xffff, 0xffff, 0xffff, 0xffff])).toBe(64);
});

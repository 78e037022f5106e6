import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLaxInteger, parseQueryHash } from '#src/protocols/imgcache/numbers.js';

describe('parseLaxInteger', () => {
  it.each([
    ['4', 4],
    [' 4 ', 4],
    ['+4', 4],
    ['-4', -4],
    ['4.0', 4],
    ['4.000', 4],
    ['004', 4],
    ['1_000', 1000],
    [`1${'0'.repeat(22)}`, 1e22],
    ['9'.repeat(4000), Number.POSITIVE_INFINITY],
  ])('reads %j', (text, expected) => {
    expect(parseLaxInteger(text)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    'abc',
    '4.5',
    '4.01',
    '4e1',
    '0x4',
    '--4',
    '+ 4',
    '_4',
    '4_',
    '4__0',
    'NaN',
    '٤',
    '4,0',
    '4\n5',
  ])('refuses %j', (text) => {
    expect(parseLaxInteger(text)).toBeNull();
  });

  it('refuses more digits than Python reads', () => {
    expect(parseLaxInteger('9'.repeat(4301))).toBeNull();
  });
});

describe('parseQueryHash', () => {
  it.each([
    ['2f0f0f0707474298', '2f0f0f0707474298'],
    ['2F0F0F0707474298', '2f0f0f0707474298'],
    ['0x2f0f0f0707474298', '2f0f0f0707474298'],
    ['0X_2f0f0f0707474298', '2f0f0f0707474298'],
    [' \t2f0f0f0707474298\n', '2f0f0f0707474298'],
    ['2f0f_0f07_0747_4298', '2f0f0f0707474298'],
    ['+2f0f0f0707474298', '2f0f0f0707474298'],
    ['+0xff', '00000000000000ff'],
    ['f', '000000000000000f'],
    ['\uff11\uff12a', '000000000000012a'],
    ['\uff10x1', '0000000000000001'],
    ['00000000000000000000000000000000ff', '00000000000000ff'],
  ])('reads %j as Python does', (text, perceptualHash) => {
    expect(parseQueryHash(text)).toEqual({ perceptualHash, excessBits: 0 });
  });

  it.each([
    '',
    ' ',
    'zz',
    '0x',
    '_',
    '_1',
    '1_',
    '1__2',
    '0x__1',
    '+',
    '+-1',
    '1 2',
    '1\0',
    '0b1g',
    '\uff21',
    '-1',
    'x1',
  ])('refuses %j', (text) => {
    expect(parseQueryHash(text)).toBeNull();
  });

  it('counts the bits above 64', () => {
    expect(parseQueryHash('70000000000000001')).toEqual({
      perceptualHash: '0000000000000001',
      excessBits: 3,
    });
    expect(parseQueryHash('f'.repeat(5000))).toEqual({
      perceptualHash: 'f'.repeat(16),
      excessBits: 4984 * 4,
    });
  });

  it('reads every number below 2^64 back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
        const perceptualHash = number.toString(16).padStart(16, '0');
        expect(parseQueryHash(number.toString(16))).toEqual({ perceptualHash, excessBits: 0 });
      }),
    );
  });
});

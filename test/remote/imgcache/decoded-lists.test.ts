import { expect, it, vi } from 'vitest';
import { DecodedLists } from '#src/remote/imgcache/decoded-lists.js';

const bodyOf = (...values: unknown[]) => Buffer.from(JSON.stringify(values));
const decoder = () => vi.fn((body: Buffer): readonly unknown[] => JSON.parse(body.toString()));
/** The list of a body as it is decoded, or as it was before. */
const read = (lists: DecodedLists, key: string, body: Buffer, decode = decoder()) =>
  lists.decode(key, body, () => decode(body));

it('reads a list that was asked for twice no more, while its bytes stay the same', () => {
  const lists = new DecodedLists();
  const decode = decoder();
  const ask = () => read(lists, 'a', bodyOf('é', 2), decode);
  expect(ask()).toEqual(['é', 2]);
  const second = ask();
  expect(second).toEqual(['é', 2]);
  expect(ask()).toBe(second);
  expect(ask()).toBe(second);
  expect(decode).toHaveBeenCalledTimes(2);
});

it('reads it again when they have changed, be it in one of them', () => {
  const lists = new DecodedLists();
  const decode = decoder();
  const values = [[1], [1], [1], [2], [2], [1], [1, 1], [1, 1], []];
  expect(values.map((each) => read(lists, 'a', bodyOf(...each), decode))).toEqual(values);
  expect(decode).toHaveBeenCalledTimes(values.length - 3);
});

it('makes of one body what each name stands for', () => {
  const lists = new DecodedLists();
  const body = bodyOf(1, 2);
  for (let times = 0; times < 3; times++) {
    expect(read(lists, 'all', body)).toEqual([1, 2]);
    expect(lists.decode('count', body, () => [2])).toEqual([2]);
  }
});

it('keeps nothing of what its decoder refuses', () => {
  const lists = new DecodedLists();
  const refuse = () => {
    throw new Error('refused');
  };
  expect(() => lists.decode('a', bodyOf(1), refuse)).toThrow('refused');
  expect(read(lists, 'a', bodyOf(1))).toEqual([1]);
});

it('keeps 32 MiB with their names, those that were asked for last', () => {
  const lists = new DecodedLists();
  const mebibyte = Buffer.from('[]'.padEnd(2 ** 20));
  /** Whether it had to be read. */
  const reads = (key: number) => {
    const decode = decoder();
    read(lists, String(key), mebibyte, decode);
    return decode.mock.calls.length === 1;
  };
  for (let key = 0; key < 31; key++)
    expect([reads(key), reads(key), reads(key)]).toEqual([true, true, false]);
  expect(reads(0)).toBe(false);
  expect([reads(31), reads(31), reads(31)]).toEqual([true, true, false]);
  expect([reads(0), reads(2), reads(1)]).toEqual([false, false, true]);
});

it('lets what is asked for once take no place of what is asked for again', () => {
  const lists = new DecodedLists();
  const mebibyte = Buffer.from('[]'.padEnd(2 ** 20));
  const decode = decoder();
  for (let times = 0; times < 2; times++) read(lists, 'again', mebibyte, decode);
  for (let key = 0; key < 100; key++) read(lists, String(key), mebibyte);
  read(lists, 'again', mebibyte, decode);
  expect(decode).toHaveBeenCalledTimes(2);
});

import { expect, it, vi } from 'vitest';
import { DecodedLists } from '#src/services/imgcache/decoded-lists.js';

const bodyOf = (...values: unknown[]) => Buffer.from(JSON.stringify(values));
const decoder = () => vi.fn((rows: readonly unknown[]) => [...rows]);

it('reads a list once while its bytes stay the same', () => {
  const lists = new DecodedLists();
  const decode = decoder();
  const first = lists.decode('a', bodyOf('é', 2), decode);
  expect(first).toEqual(['é', 2]);
  expect(lists.decode('a', bodyOf('é', 2), decode)).toBe(first);
  expect(decode).toHaveBeenCalledTimes(1);
});

it('reads it again when they have changed, be it in one of them', () => {
  const lists = new DecodedLists();
  const decode = decoder();
  const bodies = [bodyOf(1), bodyOf(2), bodyOf(1), bodyOf(1, 1), bodyOf()];
  expect(bodies.map((body) => lists.decode('a', body, decode))).toEqual([[1], [2], [1], [1, 1], []]);
  expect(decode).toHaveBeenCalledTimes(bodies.length);
});

it('makes of one body what each name stands for', () => {
  const lists = new DecodedLists();
  const body = bodyOf(1, 2);
  for (let times = 0; times < 2; times++) {
    expect(lists.decode('all', body, (rows) => [...rows])).toEqual([1, 2]);
    expect(lists.decode('count', body, (rows) => [rows.length])).toEqual([2]);
  }
});

it.each(['{"detail":"no list"}', 'null', '[1', ''])('refuses %j each time', (text) => {
  const lists = new DecodedLists();
  const decode = decoder();
  for (let times = 0; times < 2; times++)
    expect(() => lists.decode('a', Buffer.from(text), decode)).toThrow();
  expect(decode).not.toHaveBeenCalled();
});

it('keeps nothing of what its decoder refuses', () => {
  const lists = new DecodedLists();
  const refuse = () => {
    throw new Error('refused');
  };
  expect(() => lists.decode('a', bodyOf(1), refuse)).toThrow('refused');
  expect(lists.decode('a', bodyOf(1), decoder())).toEqual([1]);
});

it('keeps 32 MiB of bodies, those that were asked for last', () => {
  const lists = new DecodedLists();
  const decode = decoder();
  const mebibyte = Buffer.from('[]'.padEnd(2 ** 20));
  const ask = (key: number) => lists.decode(String(key), mebibyte, decode);
  for (let key = 0; key < 32; key++) ask(key);
  ask(0);
  expect(decode).toHaveBeenCalledTimes(32);
  ask(32);
  ask(0);
  expect(decode).toHaveBeenCalledTimes(33);
  ask(1);
  expect(decode).toHaveBeenCalledTimes(34);
});

import { expect, it } from 'vitest';
import { RowList } from '#src/services/imgcache/row-list.js';
import { rowOf } from '../../fakes/imgcache-row.js';

function received(value: unknown): RowList {
  return new RowList(value, Buffer.from(JSON.stringify(value)));
}

it('gives each taker all rows, which no other taker has', () => {
  const rows = [rowOf(1), rowOf(2, { url: 'https://a.example/日本.jpg', perceptual_hash: null })];
  const list = received(rows);
  const [first, second, third] = [list.take(), list.take(), list.take()];
  first.reverse();
  first[0]!.url = 'changed';
  second.pop();
  expect(third).toEqual([rowOf(1), rowOf(2, { url: 'https://a.example/日本.jpg', perceptual_hash: null })]);
  expect(second).toEqual([rowOf(1)]);
});

it('may be empty', () => {
  const list = received([]);
  expect([list.take(), list.take()]).toEqual([[], []]);
});

it.each([{ detail: 'no list' }, [rowOf(1), null], [rowOf(1, { width: '800' })]])(
  'refuses %j before anybody takes it',
  (value) => {
    expect(() => received(value)).toThrow();
  },
);

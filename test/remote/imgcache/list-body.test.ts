import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { decodeEntry } from '#src/remote/imgcache/images/entry-decoder.js';
import { ListBody } from '#src/remote/imgcache/list-body.js';
import { rowOf } from '../../fakes/imgcache-row.js';

it('decodes its entries once', () => {
  const list = new ListBody(Buffer.from(JSON.stringify([rowOf(1)])), decodeEntry);
  expect(list.entries).toHaveLength(1);
  expect(list.entries).toBe(list.entries);
});

it('keeps its entries no longer than for those who wait for it, and decodes them anew for others', async () => {
  const list = new ListBody(Buffer.from(JSON.stringify([rowOf(1), rowOf(2)])), decodeEntry);
  const { entries } = list;
  await Promise.resolve();
  expect(list.entries).toBe(entries);
  await nextTurn();
  expect(list.entries).not.toBe(entries);
  expect(list.entries).toEqual(entries);
});

it.each(['{"detail":"no list"}', 'null', '[1', '', '[1]'])('refuses %j each time', (text) => {
  const list = new ListBody(Buffer.from(text), decodeEntry);
  for (let times = 0; times < 2; times++) expect(() => list.entries).toThrow();
});

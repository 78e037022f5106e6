import { beforeEach, expect, it } from 'vitest';
import { SeenEntries } from '#src/graphql/loaders/seen-entries.js';
import { decodeEntry } from '#src/remote/imgcache/images/entry-decoder.js';
import { hashOf, rowOf } from '../../fakes/imgcache-row.js';

const entryOf = (index: number, url?: string) => decodeEntry(rowOf(index, url ? { url } : {}));

let seen: SeenEntries;
beforeEach(() => {
  seen = new SeenEntries();
});

it('finds by its key what came in any answer, and nothing else', () => {
  const [one, two, three] = [entryOf(1), entryOf(2), entryOf(3)];
  seen.add([one, null]);
  expect(seen.get(hashOf(1))).toBe(one);
  seen.add([null, two]);
  seen.addMatches([{ entry: three, hammingDistance: 4 }]);
  expect(seen.get(hashOf(2))).toBe(two);
  expect(seen.get(hashOf(3))).toBe(three);
  expect(seen.get(hashOf(1))).toBe(one);
  expect(seen.get(hashOf(4))).toBeUndefined();
});

it('gives what came last', () => {
  const [old, newer, newest] = [entryOf(1, 'old'), entryOf(1, 'newer'), entryOf(1, 'newest')];
  seen.add([old]);
  seen.addMatches([{ entry: newer, hammingDistance: 0 }]);
  expect(seen.get(hashOf(1))).toBe(newer);
  seen.add([newest]);
  expect(seen.get(hashOf(1))).toBe(newest);
});

it('forgets all when it is cleared, also what nobody had asked for', () => {
  seen.add([entryOf(1)]);
  seen.get(hashOf(1));
  seen.add([entryOf(2)]);
  seen.clear();
  expect([seen.get(hashOf(1)), seen.get(hashOf(2))]).toEqual([undefined, undefined]);
  const again = entryOf(1);
  seen.add([again]);
  expect(seen.get(hashOf(1))).toBe(again);
});

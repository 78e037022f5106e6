import { expect, test } from 'vitest';
import { encodeDescriptor } from '#src/embedded/picture/descriptor.js';
import type { CollectionIndex } from '#src/embedded/search/collection-index.js';
import { CollectionIndexes } from '#src/embedded/search/collection-indexes.js';
import { arena } from '#src/embedded/search/hamming-scan.js';
import type { ImageSnapshot } from '#src/embedded/store/rows.js';
import { random } from '../hashes.js';
import { encoded, randomKeypoints } from '../keypoints/random-keypoints.js';
import { clusteredDescriptor } from './clustered-descriptor.js';

const descriptor = encodeDescriptor(clusteredDescriptor(random(1)));
const keypoints = encoded(randomKeypoints(random(2), 48));
/** The same image in each collection. */
const snapshot = {
  changes: async () => ({
    added: [{ seq: 1, descriptor, keypoints }],
    deletedSeqs: [],
    position: '1',
    more: false,
    reset: false,
  }),
} satisfies Partial<ImageSnapshot> as unknown as ImageSnapshot;

const used = (indexes: CollectionIndexes, collectionId: string) =>
  indexes.use(collectionId, async (index) => {
    const isNew = index.size === 0;
    if (isNew) await index.follow(snapshot);
    return { index, isNew };
  });

test('indexes leave memory, the least recently used first, when they are too large together', async () => {
  const { index } = await used(new CollectionIndexes(), 'any');
  const indexes = new CollectionIndexes(3 * index.bytes);
  for (const id of ['a', 'b', 'c']) expect(await used(indexes, id)).toMatchObject({ isNew: true });
  expect(await used(indexes, 'a')).toMatchObject({ isNew: false });
  expect(await used(indexes, 'd')).toMatchObject({ isNew: true });
  expect(indexes.size).toBe(3 * index.bytes);
  for (const id of ['a', 'c', 'd']) expect(await used(indexes, id)).toMatchObject({ isNew: false });
  expect(await used(indexes, 'b')).toMatchObject({ isNew: true });
});

test('an index in use stays, and so does the last one, however large', async () => {
  const indexes = new CollectionIndexes(0);
  const during: (readonly [CollectionIndex, number])[] = [];
  await indexes.use('a', async (index) => {
    await index.follow(snapshot);
    await used(indexes, 'b');
    await used(indexes, 'c');
    during.push([index, index.size]);
    expect(await used(indexes, 'a')).toMatchObject({ index, isNew: false });
  });
  expect(during[0]![1]).toBeGreaterThan(0);
  expect(await used(indexes, 'a')).toMatchObject({ isNew: false });
  expect(indexes.size).toBe(during[0]![0].bytes);
});

test('memory that was given back is used again, and is empty', async () => {
  const indexes = new CollectionIndexes(0);
  await used(indexes, 'first');
  await used(indexes, 'second');
  const before = arena.allocate();
  arena.free(before);
  for (let n = 0; n < 50; n++) await used(indexes, `${n}`);
  const after = arena.allocate();
  arena.free(after);
  const { bytes } = (await used(indexes, 'last')).index;
  expect(Math.abs(after - before)).toBeLessThanOrEqual(2 * bytes);
});

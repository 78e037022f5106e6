import { beforeEach, expect, it } from 'vitest';
import type { Store } from '#src/embedded/store/store.js';
import {
  addCollection,
  describeStores,
  hashOf,
  insert,
  newEntry,
  newImage,
  put,
  writeBytes,
} from './stores.js';

const LONG_MS = 60 * 60_000;

describeStores('Bytes', (open) => {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
  });

  const releasedHashes = async (graceMs: number) =>
    (await store.blobs.findReleased(graceMs, 100)).map(({ contentHash }) => contentHash);

  it('that were announced and never needed are found, and removed', async () => {
    const { place } = await writeBytes(store, hashOf(1));
    expect(await store.blobs.findReleased(0, 100)).toEqual([{ contentHash: hashOf(1), place }]);
    expect(await store.blobs.claim(hashOf(1), place)).toBe(true);
    expect(await store.blobs.claim(hashOf(1), place)).toBe(true);
    await store.blobs.forget(hashOf(1), place);
    expect(await store.blobs.findReleased(0, 100)).toEqual([]);
    expect(await store.blobs.claim(hashOf(1), place)).toBe(false);
  });

  it('that a row needs stay its own when their writer takes them back', async () => {
    await insert(store, newEntry(1));
    const place = (await store.blobs.findPlace(hashOf(1)))!;
    await store.blobs.announceAgain(hashOf(1), place);
    expect(await store.blobs.findReleased(0, 100)).toEqual([]);
    expect(await store.blobs.claim(hashOf(1), place)).toBe(false);
  });

  it('are found many at once, each at the place where it is found alone', async () => {
    for (const number of [1, 2]) await insert(store, newEntry(number));
    const found = await store.blobs.findPlaces([hashOf(2), hashOf(1)]);
    expect(found.size).toBe(2);
    for (const number of [1, 2])
      expect(found.get(hashOf(number))).toBe(await store.blobs.findPlace(hashOf(number)));
    expect(await store.blobs.findPlaces([])).toEqual(new Map());
  });

  it('are no business of a sweeper while a row needs them', async () => {
    await insert(store, newEntry(1));
    const place = (await store.blobs.findPlace(hashOf(1)))!;
    expect(await store.blobs.findReleased(0, 100)).toEqual([]);
    expect(await store.blobs.claim(hashOf(1), place)).toBe(false);
  });

  it('are released by the last row that goes, and kept for a while', async () => {
    await addCollection(store, 'c');
    await insert(store, newEntry(1));
    await store.images.put(newImage('c', 'one', 1), false);
    const place = (await store.blobs.findPlace(hashOf(1)))!;
    await store.entries.delete(hashOf(1));
    expect(await releasedHashes(0)).toEqual([]);
    await store.images.delete({ collectionId: 'c', imageId: 'one' });
    expect(await releasedHashes(LONG_MS)).toEqual([]);
    expect(await store.blobs.findReleased(0, 100)).toEqual([{ contentHash: hashOf(1), place }]);
  });

  it('that were released may be needed again, as long as nobody claims them', async () => {
    await insert(store, newEntry(1));
    const place = await store.blobs.findPlace(hashOf(1));
    await store.entries.delete(hashOf(1));
    expect(await store.blobs.findPlace(hashOf(1))).toBe(place);
    expect((await store.entries.insert(newEntry(1))).status).toBe('CREATED');
    expect(await store.blobs.findReleased(0, 100)).toEqual([]);
  });

  it('are found the longest released first', async () => {
    for (const number of [3, 1, 2]) await insert(store, newEntry(number));
    for (const number of [2, 3, 1]) await store.entries.delete(hashOf(number));
    expect(await releasedHashes(0)).toEqual([hashOf(2), hashOf(3), hashOf(1)]);
    expect((await store.blobs.findReleased(0, 2)).map(({ contentHash }) => contentHash)).toEqual([
      hashOf(2),
      hashOf(3),
    ]);
  });

  it('of an image that is replaced are released', async () => {
    await addCollection(store, 'c');
    await put(store, newImage('c', 'one', 1));
    await put(store, newImage('c', 'one', 2), true);
    expect(await releasedHashes(0)).toEqual([hashOf(1)]);
  });

  it('are known by their place to a check', async () => {
    await insert(store, newEntry(1));
    const needed = { contentHash: hashOf(1), place: (await store.blobs.findPlace(hashOf(1)))! };
    const announced = { contentHash: hashOf(2), place: (await writeBytes(store, hashOf(2))).place };
    const stray = { contentHash: hashOf(3), place: hashOf(3) };
    expect(await store.audit.knownPlaces([needed, announced, stray])).toEqual(
      new Set([needed.place, announced.place]),
    );
  });

  it('are counted for a check, each once', async () => {
    await addCollection(store, 'c');
    await insert(store, newEntry(1, { fileSizeBytes: 3e9 }));
    await put(store, newImage('c', 'two', 2));
    for (const [id, number] of [
      ['one', 1],
      ['three', 2],
    ] as const)
      await store.images.put(newImage('c', id, number), false);
    const needed: unknown[] = [];
    for await (const rows of store.audit.neededBytes()) needed.push(...rows);
    const expected = [
      { contentHash: hashOf(1), size: 3e9 },
      { contentHash: hashOf(2), size: null },
    ].toSorted((a, b) => (a.contentHash < b.contentHash ? -1 : 1));
    expect(needed).toEqual(expected);
    expect(await store.audit.countNeededBytes()).toBe(2);
    expect(await store.audit.findNeededBytes(hashOf(1))).toEqual({ contentHash: hashOf(1), size: 3e9 });
    expect(await store.audit.findNeededBytes(hashOf(9))).toBeNull();
    const removed = { rows: async () => {} };
    const place = (await store.blobs.findPlace(hashOf(1)))!;
    await store.audit.removeRowsThatNeed(hashOf(1), place, removed);
    expect(await store.audit.findNeededBytes(hashOf(1))).toBeNull();
    expect(await releasedHashes(0)).toEqual([hashOf(1)]);
  });
});

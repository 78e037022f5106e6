import { beforeEach, expect, it } from 'vitest';
import { VERSIONS } from '#src/embedded/picture/versions.js';
import type { Store } from '#src/embedded/store/store.js';
import { UnknownCollectionError } from '#src/services/visualsnoop.js';
import {
  addCollection,
  type ContractStore,
  describeStores,
  hashOf,
  insert,
  newEntry,
  newImage,
  put,
} from './stores.js';

const DAY_MS = 86_400_000;
const NEWER = { ...VERSIONS, descriptorVersion: VERSIONS.descriptorVersion + 1 };

async function all<Row>(batches: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}

/** All that a check finds in what collections have to do with. */
async function problems({ audit }: Store): Promise<unknown[]> {
  return [
    ...(await all(audit.wrongCounts())),
    ...(await all(audit.missingCollections())),
    ...(await all(audit.collectionsWithoutKeys())),
    ...(await all(audit.wrongDeletions('image'))),
  ];
}

describeStores('A collection', (open) => {
  let opened: ContractStore;
  let store: Store;
  beforeEach(async () => {
    opened = await open();
    ({ store } = opened);
    await addCollection(store, 'c');
    await addCollection(store, 'other');
  });

  it('that is renamed keeps its images, its keys and, where none is given, its user', async () => {
    await put(store, newImage('c', 'one', 1));
    const { rename } = store.collections;
    expect(await rename('c', { name: 'new', user: 'u' })).toEqual({
      collectionId: 'c',
      name: 'new',
      user: 'u',
    });
    expect(await rename('c', { name: 'newer' })).toEqual({ collectionId: 'c', name: 'newer', user: 'u' });
    const last = await rename('c', { name: 'c', user: null });
    expect(last).toEqual({ collectionId: 'c', name: 'c', user: null });
    expect(await store.collections.list({ limit: 1 })).toEqual([last]);
    expect(await store.collections.findKey('public c')).not.toBeNull();
    expect(await store.images.list('c', { limit: 10 })).toHaveLength(1);
    expect((await store.collections.find(['other'])).get('other')?.name).toBe('other');
  });

  it('that is not there can be neither renamed nor deleted nor given keys', async () => {
    const keys = { publicKey: 'p', secretKey: 's' };
    for (const id of ['none', 'C', 'c\0', '\ud800', '']) {
      expect(await store.collections.rename(id, { name: 'x' })).toBeNull();
      expect(await store.collections.delete(id, id)).toBe('UNKNOWN');
      expect(await store.collections.replaceKeys(id, keys, '2024-01-01T00:00:00.000001Z')).toBe(false);
    }
    expect(await store.collections.findKey('p')).toBeNull();
  });

  it('is deleted by its name alone, and by its id where it has none', async () => {
    for (const name of ['', 'C', 'other', 'c '])
      expect(await store.collections.delete('c', name)).toBe('NOT_CONFIRMED');
    expect(await store.collections.findKey('public c')).not.toBeNull();
    await store.audit.insertNamelessCollection('nameless', '2024-01-01T00:00:00.000000Z');
    expect(await store.collections.delete('nameless', 'null')).toBe('NOT_CONFIRMED');
    expect(await store.collections.delete('nameless', 'nameless')).toBe('DELETED');
    expect(await store.collections.delete('c', 'c')).toBe('DELETED');
    expect(await store.collections.delete('c', 'c')).toBe('UNKNOWN');
    expect((await store.collections.list({ limit: 10 })).map(({ name }) => name)).toEqual(['other']);
  });

  it('that is deleted is gone from every read at once, with all its images', async () => {
    await put(store, newImage('c', 'one', 1));
    await put(store, newImage('other', 'one', 1));
    const key = { collectionId: 'c', imageId: 'one' };
    await store.collections.delete('c', 'c');
    expect(await store.collections.find(['c'])).toEqual(new Map());
    expect(await store.collections.findKey('public c')).toBeNull();
    expect(await store.collections.listKeys('c')).toEqual([]);
    expect(await store.images.find([key])).toEqual([null]);
    expect(await store.images.list('c', { limit: 10 })).toEqual([]);
    expect(await store.images.count('c', {})).toBe(0);
    expect(await store.collections.count()).toBe(1);
    expect((await store.images.listNewest(['c', 'other'], 10)).get('c')).toEqual([]);
    const copies = await store.images.findByContentHash([hashOf(1)], null, 10);
    expect(copies.get(hashOf(1))?.map(({ collectionId }) => collectionId)).toEqual(['other']);
    expect((await store.images.findByContentHash([hashOf(1)], ['c'], 10)).get(hashOf(1))).toEqual([]);
    expect(await store.images.delete(key)).toBeNull();
    await expect(put(store, newImage('c', 'one', 1), true)).rejects.toThrow(UnknownCollectionError);
    await expect(put(store, newImage('c', 'two', 2))).rejects.toThrow(UnknownCollectionError);
    expect(await opened.images.atOnce((snapshot) => snapshot.pictures('c', ['one']))).toEqual([]);
    expect(await opened.images.atOnce((snapshot) => snapshot.pictures('other', ['one']))).toHaveLength(1);
    expect(await problems(store)).toEqual([]);
  });

  it('that is deleted gives its bytes back step by step, each of them a state that a check finds right', async () => {
    const images = Array.from({ length: 25 }, (_, i) => newImage('c', `${i}`, i % 10));
    for (const image of images) await put(store, image);
    await put(store, newImage('other', 'kept', 1));
    await insert(store, newEntry(2));
    await store.collections.delete('c', 'c');
    let steps = 0;
    while (await store.collections.emptyDeleted(10)) {
      steps++;
      expect(await problems(store)).toEqual([]);
    }
    expect(steps).toBe(3);
    expect(await store.collections.emptyDeleted(10)).toBe(false);
    const places = new Set((await store.blobs.findReleased(-DAY_MS, 100)).map(({ place }) => place));
    for (let i = 0; i < 10; i++) {
      const place = await store.blobs.findPlace(hashOf(i));
      expect([i, places.has(place!)]).toEqual([i, i !== 1 && i !== 2]);
    }
    expect(await store.images.list('other', { limit: 10 })).toHaveLength(1);
    expect(await store.images.countOutdated(NEWER)).toBe(1);
  });

  it('that is deleted leaves those who follow it with nothing', async () => {
    for (let i = 0; i < 5; i++) await put(store, newImage('c', `${i}`, i));
    const living = new Set<number>();
    let position: string | null = null;
    const follow = async () => {
      for (let more = true; more; ) {
        const changes = await opened.images.atOnce((snapshot) => snapshot.changes('c', position, 2));
        for (const { seq } of changes.added) living.add(seq);
        for (const seq of changes.deletedSeqs) living.delete(seq);
        ({ position, more } = changes);
      }
    };
    await follow();
    expect(living.size).toBe(5);
    await store.collections.delete('c', 'c');
    await store.collections.emptyDeleted(3);
    await follow();
    expect(living.size).toBe(2);
    await store.collections.emptyDeleted(3);
    await follow();
    expect(living.size).toBe(0);
  });

  it('that was deleted leaves its id to no other, and no start makes a first one again', async () => {
    for (const id of ['c', 'other']) await store.collections.delete(id, id);
    const again = (id: string) => ({
      collection: { collectionId: id, name: id, user: null },
      publicKey: `new ${id}`,
      secretKey: 's',
    });
    const time = '2024-01-01T00:00:00.000002Z';
    expect(await store.collections.insert(again('c'), time)).toBe(false);
    expect(await store.collections.insertFirst(again('first'), time)).toBe(false);
    expect(await store.collections.list({ limit: 10 })).toEqual([]);
    await store.audit.addMissingKeys('c', { publicKey: 'p', secretKey: 's' }, time);
    expect(await store.collections.findKey('p')).toBeNull();
    expect(await problems(store)).toEqual([]);
  });

  it('takes no image that comes while it is deleted', async () => {
    for (let round = 0; round < 10; round++) {
      const id = `round ${round}`;
      await addCollection(store, id);
      const puts = Array.from({ length: 8 }, (_, i) => put(store, newImage(id, `${i}`, i)));
      const deleted = store.collections.delete(id, id);
      const results = await Promise.allSettled(puts);
      expect(await deleted).toBe('DELETED');
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(UnknownCollectionError);
      await Promise.all([1, 2, 3].map(() => store.collections.emptyDeleted(3)));
      while (await store.collections.emptyDeleted(3));
      expect(await store.images.countOutdated(NEWER)).toBe(0);
    }
    expect(await problems(store)).toEqual([]);
  });

  it('is emptied while its bytes are put elsewhere', async () => {
    for (let i = 0; i < 30; i++) await put(store, newImage('c', `${i}`, i % 6));
    await store.collections.delete('c', 'c');
    const emptying = (async () => {
      while (await store.collections.emptyDeleted(4));
    })();
    for (let i = 0; i < 30; i++) await put(store, newImage('other', `${i % 8}`, i % 6), true);
    await emptying;
    expect(await problems(store)).toEqual([]);
    expect(await store.images.list('other', { limit: 100 })).toHaveLength(8);
  });
});

import { beforeEach, expect, it, vi } from 'vitest';
import { createCollection } from '#src/embedded/new-collection.js';
import type { Store } from '#src/embedded/store/store.js';
import { compareText } from '#src/services/compare-text.js';
import { addCollection, describeStores } from './stores.js';

const TIMES = ['2024-01-01T00:00:00.000001Z', '2024-01-01T00:00:00.000002Z'] as const;
const IDS = ['b', 'a', 'B', 'é', '\uffff', '😀', '_', '%'];

describeStores('Collections', (open) => {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
  });

  it('are listed by id, in the order of code points', async () => {
    for (const id of IDS) await addCollection(store, id);
    const sorted = IDS.toSorted(compareText);
    const ids = (page: readonly { collectionId: string }[]) => page.map(({ collectionId }) => collectionId);
    expect(ids(await store.collections.list({ limit: 100 }))).toEqual(sorted);
    expect(ids(await store.collections.list({ after: sorted[2]!, limit: 3 }))).toEqual(sorted.slice(3, 6));
    expect(ids(await store.collections.list({ after: `${sorted[2]}\0`, limit: 1 }))).toEqual([sorted[3]]);
  });

  it('are found with what they were made with', async () => {
    const collection = { collectionId: 'c', name: 'Ein Name', user: 'u\'"' };
    await store.collections.insert({ collection, publicKey: 'p', secretKey: 's' }, TIMES[0]);
    await addCollection(store, 'other');
    expect(await store.collections.find(['c', 'C', 'none', '\0', '\ud800'])).toEqual(
      new Map([['c', collection]]),
    );
    expect(await store.collections.find([])).toEqual(new Map());
    expect(await store.collections.findKey('p')).toEqual({ collectionId: 'c', secretKey: 's' });
    for (const key of ['P', '', 'p\0', '\ud800']) expect(await store.collections.findKey(key)).toBeNull();
  });

  it('are not made twice with one id', async () => {
    const made = (name: string) => ({
      collection: { collectionId: 'c', name, user: null },
      publicKey: name,
      secretKey: 's',
    });
    expect(await store.collections.insert(made('one'), TIMES[0])).toBe(true);
    expect(await store.collections.insert(made('two'), TIMES[1])).toBe(false);
    expect(await store.collections.list({ limit: 100 })).toEqual([made('one').collection]);
    expect(await store.collections.listKeys('c')).toEqual([{ publicKey: 'one', secretKey: 's' }]);
    expect(await store.collections.findKey('two')).toBeNull();
  });

  it('get another id when theirs was taken at the same moment', async () => {
    const { insert } = store.collections;
    vi.spyOn(store.collections, 'insert').mockImplementationOnce(async (created, createdAt) => {
      await addCollection(store, created.collection.collectionId);
      return insert(created, createdAt);
    });
    const { collection, publicKey } = await createCollection(store, { name: 'new' });
    const all = await store.collections.list({ limit: 100 });
    expect(all).toHaveLength(2);
    expect(all.filter(({ name }) => name === 'new')).toEqual([collection]);
    expect(await store.collections.findKey(publicKey)).toMatchObject({
      collectionId: collection.collectionId,
    });
  });

  it('have new keys only, once these are replaced', async () => {
    await addCollection(store, 'c');
    const keys = { publicKey: 'new', secretKey: 'new secret' };
    await store.collections.replaceKeys('c', keys, TIMES[1]);
    expect(await store.collections.listKeys('c')).toEqual([keys]);
    expect(await store.collections.findKey('public c')).toBeNull();
    expect(await store.collections.findKey('new')).toEqual({ collectionId: 'c', secretKey: 'new secret' });
  });

  it('begin with one, whoever else begins at the same time', async () => {
    const first = (id: string) => {
      const collection = { collectionId: id, name: 'default', user: null };
      return store.collections.insertFirst({ collection, publicKey: id, secretKey: 's' }, TIMES[0]);
    };
    const inserted = await Promise.all(['1', '2', '3', '4', '5', '6', '7', '8'].map(first));
    expect(inserted.filter(Boolean)).toHaveLength(1);
    expect(await store.collections.list({ limit: 100 })).toHaveLength(1);
    expect(await first('9')).toBe(false);
  });

  it('have one pair of keys when these are replaced several times at once', async () => {
    await addCollection(store, 'c');
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        store.collections.replaceKeys('c', { publicKey: `p${i}`, secretKey: 's' }, TIMES[1]),
      ),
    );
    expect(await store.collections.listKeys('c')).toHaveLength(1);
  });
});

import { beforeEach, expect, it } from 'vitest';
import type { NewEntry } from '#src/embedded/store/entry-store.js';
import type { Store } from '#src/embedded/store/store.js';
import { addCollection, describeStores, hashOf, newEntry, newImage, put, writeBytes } from './stores.js';

const BLAKE3 = ['a'.repeat(64), 'b'.repeat(64)] as const;

describeStores('Entries of buckets', (open) => {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
  });

  const insertIn = async (bucket: string, entry: NewEntry) =>
    store.entries.inBucket(bucket).insert(entry, await writeBytes(store, entry.contentHash));

  it('share their bytes, which nothing needs once the last of them is gone', async () => {
    const hash = hashOf(1);
    for (const bucket of ['', 'a', 'b']) await insertIn(bucket, newEntry(1));
    const place = (await store.blobs.findPlace(hash))!;
    for (const bucket of ['a', '']) {
      expect(await store.entries.inBucket(bucket).delete(hash)).toBe(true);
      expect(await store.blobs.claim(hash, place)).toBe(false);
      expect(await store.blobs.findReleased(0, 10)).not.toContainEqual({ contentHash: hash, place });
    }
    expect(await store.buckets.list()).toEqual(['b']);
    expect(await store.entries.inBucket('b').delete(hash)).toBe(true);
    expect(await store.buckets.list()).toEqual([]);
    expect(await store.blobs.claim(hash, place)).toBe(true);
  });

  it('are read by key in their bucket alone, and name it unless it is the empty one', async () => {
    const own = (await insertIn('', newEntry(1, { url: 'own' }))).entry;
    const { entry } = await insertIn('é b', newEntry(1, { url: 'other', prefix: 'p' }));
    expect(own).not.toHaveProperty('bucket');
    expect(entry).toMatchObject({ bucket: 'é b', url: 'other', prefix: 'p' });
    const named = store.entries.inBucket('é b');
    const { contentHash } = entry;
    expect(await named.find([contentHash])).toEqual(new Map([[contentHash, entry]]));
    expect(await named.findByUrl(['own', 'other'])).toEqual(new Map([['other', entry]]));
    expect(await named.findUrls([contentHash])).toEqual(new Map([[contentHash, ['other']]]));
    expect((await named.findOrigins([contentHash])).get(contentHash)).toMatchObject([{ url: 'other' }]);
    expect(await named.countUrls([contentHash], 9)).toEqual(new Map([[contentHash, 1]]));
    expect(await named.list({ order: 'NEWEST_FIRST', limit: 9 })).toEqual([entry]);
    expect(await store.entries.list({ order: 'NEWEST_FIRST', limit: 9 })).toEqual([own]);
    expect(await named.inBucket('').find([contentHash])).toEqual(new Map([[contentHash, own]]));
    const rows = await store.transfer.read('entries', null, 9);
    expect(rows.map(({ seq, bucket }) => [bucket, seq])).toEqual([
      ['', expect.any(Number)],
      ['é b', expect.any(Number)],
    ]);
    const [, { seq }] = rows as [unknown, { seq: number }];
    expect(await named.findBySeq([seq])).toEqual(new Map([[seq, entry]]));
    expect(await store.entries.findBySeq([seq])).toEqual(new Map());
  });

  it('are found in all buckets by their bytes and their URLs, the newest first', async () => {
    const at = (second: number) => `2024-01-01T00:00:0${second}.000000Z`;
    await insertIn('old', newEntry(1, { url: 'u', createdAt: at(1) }));
    await insertIn('', newEntry(1, { url: 'u', createdAt: at(3) }));
    await insertIn('new', newEntry(2, { url: 'u', createdAt: at(2) }));
    expect((await store.buckets.find(hashOf(1))).map(({ bucket }) => bucket)).toEqual(['', 'old']);
    const found = await store.buckets.findByUrl(['u', 'nowhere']);
    expect([...found].map(([url, { bucket }]) => [url, bucket])).toEqual([['u', '']]);
  });

  it('note the time of a write where that is asked for, and no other', async () => {
    const first = (await insertIn('a', newEntry(1, { retrievedAt: 'NOW' }))).entry;
    expect(first.retrievedAt).toBe(first.createdAt);
    const again = (await insertIn('a', newEntry(1))).entry;
    expect(again).toEqual(first);
    const later = await insertIn('a', newEntry(1, { retrievedAt: 'NOW', prefix: 'no', meta: 'no' }));
    expect(later).toEqual({
      entry: { ...first, retrievedAt: expect.any(String) },
      status: 'UNCHANGED',
    });
    expect(later.entry.retrievedAt! > first.retrievedAt!).toBe(true);
  });

  it('note the BLAKE3 of their bytes, once', async () => {
    await insertIn('', newEntry(1, { blake3: BLAKE3[0] }));
    await insertIn('a', newEntry(1, { blake3: BLAKE3[1] }));
    await addCollection(store, 'c');
    await put(store, newImage('c', 'image', 2));
    await insertIn('', newEntry(3));
    const hashes = [1, 2, 3, 4].map(hashOf);
    expect(await store.blobs.findBlake3(hashes)).toEqual(new Map([[hashOf(1), BLAKE3[0]]]));
    expect(await store.blobs.findByBlake3([...BLAKE3])).toEqual(new Map([[BLAKE3[0], hashOf(1)]]));
    const without = [hashOf(2), hashOf(3)].toSorted();
    expect(await store.blobs.listWithoutBlake3('', 10)).toEqual(without);
    expect(await store.blobs.listWithoutBlake3('', 1)).toEqual(without.slice(0, 1));
    expect(await store.blobs.listWithoutBlake3(without[0]!, 10)).toEqual(without.slice(1));
    await store.blobs.setBlake3(hashOf(2), BLAKE3[1]);
    await store.blobs.setBlake3(hashOf(4), BLAKE3[1]);
    expect(await store.blobs.findByBlake3([...BLAKE3])).toEqual(
      new Map([
        [BLAKE3[0], hashOf(1)],
        [BLAKE3[1], hashOf(2)],
      ]),
    );
    for (const bucket of ['', 'a']) await store.entries.inBucket(bucket).delete(hashOf(1));
    expect(await store.blobs.findByBlake3([BLAKE3[0]])).toEqual(new Map());
    expect(await store.blobs.findBlake3([hashOf(1)])).toEqual(new Map());
  });
});

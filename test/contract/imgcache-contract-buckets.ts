import { describe, expect, it } from 'vitest';
import type { EntryOrigin } from '#src/services/entry-origin.js';
import type { ImgCache } from '#src/services/imgcache.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { type ContractBench, collect, UNKNOWN } from './imgcache-contract-bench.js';

const HASH = '00000000000000ff';
const BYTES = tinyPicture(HASH);

/** Of those that have buckets. */
export function describeBuckets(bench: ContractBench): void {
  const { dropsUrls = false } = bench.shortcomings;

  const inBucket = (name: string): ImgCache => bench.imgcache.inBucket!(name);
  const storeIn = async (name: string, origin: Partial<EntryOrigin> = {}, bytes: Buffer = BYTES) => {
    await using image = await bench.stage(bytes);
    return await inBucket(name).store(image, {
      url: `https://x.example/${name}`,
      clientName: name,
      ...origin,
    });
  };

  describe('a bucket', () => {
    it('has an entry of its own of the same bytes, which names it', async () => {
      const own = await bench.stored(BYTES, { url: 'https://x.example/own' });
      const { contentHash } = own;
      const other = inBucket('other');
      expect(await other.getMeta([contentHash, UNKNOWN])).toEqual([null, null]);
      const { entry, status } = await storeIn('other');
      expect([status, entry.contentHash, entry.bucket]).toEqual(['CREATED', contentHash, 'other']);
      expect(own.bucket).toBeUndefined();
      expect(entry).toMatchObject({ url: 'https://x.example/other', clientName: 'other' });
      expect(await other.getMeta([contentHash])).toEqual([entry]);
      expect(await bench.imgcache.getMeta([contentHash])).toEqual([own]);
      expect((await storeIn('other')).status).toBe('UNCHANGED');
    });

    it('is all that its reads know of', async () => {
      const own = await bench.stored(BYTES, { url: 'https://x.example/own' });
      const { entry } = await storeIn('other');
      const { contentHash } = entry;
      const other = inBucket('other');
      expect(await other.lookup([own.url, entry.url])).toEqual([null, entry]);
      expect(await bench.imgcache.lookup([own.url, entry.url])).toEqual([own, null]);
      expect(await other.getUrls([contentHash])).toEqual([[entry.url]]);
      expect(await other.countUrls([contentHash])).toEqual([1]);
      expect(await other.getFewUrls([entry], 10)).toEqual([[entry.url]]);
      for (const order of ['NEWEST_FIRST', 'OLDEST_FIRST', 'LARGEST_FIRST', 'SMALLEST_FIRST'] as const)
        for (const filter of [{}, { urlContains: 'x.example' }, { clientName: 'other' }])
          expect(await collect(other.search({ order, filter }))).toEqual([entry]);
      expect(await collect(other.search({ order: 'NEWEST_FIRST', filter: { urlContains: 'own' } }))).toEqual(
        [],
      );
      expect(await other.count({})).toBe(1);
      expect(await other.count({ urlHost: 'x.example' })).toBe(1);
      expect(await other.count({ urlContains: 'own' })).toBe(0);
      expect(await other.listClients({ startsWith: '', limit: 5 })).toEqual([
        { name: 'other', entryCount: 1 },
      ]);
      const similar = other.similar({ perceptualHash: HASH, maxHammingDistance: 64 });
      expect(await collect(similar)).toEqual([{ entry, hammingDistance: 0 }]);
      expect(await inBucket('third').getBytes(contentHash)).toBeNull();
    });

    it('keeps its entry and the bytes when another one loses its own', async () => {
      const { contentHash } = (await storeIn('a')).entry;
      const { entry } = await storeIn('b');
      expect(await inBucket('a').delete(contentHash)).toBe(true);
      expect(await inBucket('a').delete(contentHash)).toBe(false);
      expect(await inBucket('a').getMeta([contentHash])).toEqual([null]);
      expect(await inBucket('a').getBytes(contentHash)).toBeNull();
      expect(await inBucket('b').getMeta([contentHash])).toEqual([entry]);
      const bytes = await inBucket('b').getBytes(contentHash);
      expect(Buffer.concat(await bytes!.stream.toArray())).toEqual(BYTES);
    });

    it('is listed by name as long as something is in it', async () => {
      expect(await bench.imgcache.listBuckets!()).toEqual([]);
      const names = ['z', '', 'a b', '\u{1f600}', '\uffee', 'Ä'];
      for (const name of names) await storeIn(name);
      expect(await bench.imgcache.listBuckets!()).toEqual(['', 'a b', 'z', 'Ä', '\uffee', '\u{1f600}']);
      const { contentHash } = (await storeIn('z')).entry;
      await inBucket('z').delete(contentHash);
      expect(await bench.imgcache.listBuckets!()).toEqual(['', 'a b', 'Ä', '\uffee', '\u{1f600}']);
    });

    it('is the same under the name of the one that is meant without a name', async () => {
      const name = await bench.imgcache.defaultBucket!();
      const { entry } = await storeIn(name!);
      expect(entry.bucket).toBeUndefined();
      expect(await bench.imgcache.getMeta([entry.contentHash])).toEqual([entry]);
      expect(await bench.imgcache.listBuckets!()).toEqual([name]);
    });

    it.skipIf(dropsUrls)('has URLs of its own for the same bytes', async () => {
      await storeIn('a', { url: 'https://x.example/1' });
      await storeIn('b', { url: 'https://x.example/1' });
      const more = await storeIn('a', { url: 'https://x.example/2' });
      const urls = ['https://x.example/1', 'https://x.example/2'];
      expect(more.status).toBe('URL_ADDED');
      // They may come with the entry.
      expect(more.entry.urls === null ? urls : more.entry.urls).toEqual(urls);
      const { contentHash } = more.entry;
      expect(await inBucket('a').getUrls([contentHash])).toEqual([urls]);
      expect(await inBucket('b').getUrls([contentHash])).toEqual([['https://x.example/1']]);
      expect(await inBucket('b').lookup(['https://x.example/2'])).toEqual([null]);
    });
  });
}

/** Of those that keep what clients note of entries, and search all buckets at once. */
export function describeNotes(bench: ContractBench): void {
  const { newerRules = false } = bench.shortcomings;
  const storeIn = async (name: string, origin: Partial<EntryOrigin> = {}, bytes: Buffer = BYTES) => {
    await using image = await bench.stage(bytes);
    const imgcache = bench.imgcache.inBucket!(name);
    return await imgcache.store(image, { url: `https://x.example/${name}`, clientName: name, ...origin });
  };

  describe('what clients note', () => {
    it.each([
      null,
      'text',
      0,
      [1, 'two', { three: [null, true] }],
      { 'ключ "\\': '\u0000\ud800', b: { c: [] }, a: -1.5e300 },
    ])('comes back as it was sent: %j', async (meta) => {
      const { entry } = await storeIn('a', { prefix: 'parts/doors é', meta });
      expect(entry).toMatchObject({ prefix: 'parts/doors é' });
      if (!newerRules) expect(entry.retrievedAt).toBeNull();
      expect(JSON.stringify(entry.meta)).toBe(JSON.stringify(meta));
      expect(await bench.imgcache.inBucket!('a').getMeta([entry.contentHash])).toEqual([entry]);
    });

    it('is of the first store', async () => {
      await storeIn('a', { prefix: 'first', meta: 1 });
      const { entry } = await storeIn('a', { prefix: 'second', meta: 2 });
      expect(entry).toMatchObject({ prefix: 'first', meta: 1 });
      expect((await storeIn('b')).entry).toMatchObject({ prefix: null, meta: null });
    });

    it.skipIf(newerRules)('is when the bytes were last retrieved, where that was asked for', async () => {
      const first = (await storeIn('a', { notesRetrieval: true })).entry;
      expect(first.retrievedAt! >= first.createdAt).toBe(true);
      expect((await storeIn('a')).entry.retrievedAt).toBe(first.retrievedAt);
      const second = (await storeIn('a', { notesRetrieval: true })).entry;
      expect(second.retrievedAt! > first.retrievedAt!).toBe(true);
      expect(second.createdAt).toBe(first.createdAt);
      expect((await storeIn('b')).entry.retrievedAt).toBeNull();
    });

    it('has its prefixes listed and filtered by, in one bucket', async () => {
      const imgcache = bench.imgcache.inBucket!('a');
      expect(await imgcache.listPrefixes!()).toEqual([]);
      const prefixes = ['z', '', undefined, 'a/b', '\u{1f600}', 'a', 'z'];
      for (const [at, prefix] of prefixes.entries())
        await storeIn('a', prefix === undefined ? {} : { prefix }, Buffer.from(`${at}`));
      await storeIn('b', { prefix: 'elsewhere' });
      const empty = newerRules ? [] : [''];
      expect(await imgcache.listPrefixes!()).toEqual([null, ...empty, 'a', 'a/b', 'z', '\u{1f600}']);
      expect(await imgcache.count({ prefix: 'z' })).toBe(2);
      for (const prefix of [...empty, 'a', 'a/', 'elsewhere']) {
        const found = await collect(imgcache.search({ order: 'OLDEST_FIRST', filter: { prefix } }));
        expect(found.map((entry) => entry.prefix)).toEqual(
          prefixes.filter((each) => each === prefix).map(() => prefix),
        );
      }
    });
  });

  describe('a search in all buckets', () => {
    it('finds the entries of each, which name theirs', async () => {
      const entries = [];
      for (const name of ['b', '', 'a']) entries.push({ ...(await storeIn(name)).entry, bucket: name });
      const [first, , last] = entries;
      const all = bench.imgcache.acrossBuckets!();
      const contentHash = first!.contentHash;
      expect(await all.find(contentHash)).toEqual(entries.toReversed());
      expect(await all.find(UNKNOWN)).toEqual([]);
      expect(await collect(all.search({ order: 'OLDEST_FIRST' }))).toEqual(entries);
      expect(await collect(all.search({ order: 'NEWEST_FIRST', limit: 2 }))).toEqual(
        entries.toReversed().slice(0, 2),
      );
      expect(await collect(all.search({ order: 'OLDEST_FIRST', limit: 0 }))).toEqual([]);
      expect(await all.lookup(['https://x.example/b', 'https://x.example/no'])).toEqual([first, null]);
      const similar = { perceptualHash: HASH, maxHammingDistance: 0 };
      expect((await collect(all.similar(similar))).map(({ entry }) => entry)).toEqual(entries);
      expect(await collect(all.similar({ ...similar, limit: 1 }))).toMatchObject([{ entry: first }]);
      await storeIn('a', { url: 'https://x.example/b' });
      expect((await all.lookup(['https://x.example/b'])).map((entry) => entry?.bucket)).toEqual([
        last!.bucket,
      ]);
    });
  });
}

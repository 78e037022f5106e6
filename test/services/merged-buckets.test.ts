import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Entry, EntryMatch } from '#src/services/entry.js';
import { compareEntries, type EntryOrder } from '#src/services/entry-order.js';
import type { ImgCache } from '#src/services/imgcache.js';
import { MergedBuckets } from '#src/services/merged-buckets.js';
import { hashOf } from '../fakes/imgcache-row.js';
import { MemoryBuckets } from '../fakes/memory-buckets.js';
import { selectEntries } from '../fakes/memory-imgcache.js';
import { stageBytes } from '../fakes/memory-staging.js';
import { tinyPicture, tinyPictureFacts } from '../fakes/tiny-picture.js';
import { collect } from '../harness/collect.js';

const BUCKETS = ['', 'a', 'b'] as const;
const ORDERS: readonly EntryOrder[] = ['NEWEST_FIRST', 'OLDEST_FIRST', 'LARGEST_FIRST', 'SMALLEST_FIRST'];

/** An entry of few times, sizes and hashes, so that many are equal but for their buckets. */
const someEntry = fc
  .record({ bucket: fc.constantFrom(...BUCKETS), hash: fc.integer({ min: 0, max: 3 }), time: fc.nat(1) })
  .map(
    ({ bucket, hash, time }): Entry => ({
      bucket,
      contentHash: hash === 3 ? 'f'.repeat(64) : hashOf(hash),
      url: 'https://a.example/',
      contentType: 'image/png',
      fileSizeBytes: time,
      originalFilename: null,
      width: null,
      height: null,
      perceptualHash: null,
      clientName: 'c',
      lookupTime: `2026-01-01T00:00:0${time}.000000Z`,
      createdAt: `2026-01-01T00:00:0${time}.000000Z`,
    }),
  );
const someEntries = fc.uniqueArray(someEntry, {
  selector: ({ bucket, contentHash }) => `${bucket} ${contentHash}`,
});

/** A bucket that knows nothing of others: its entries do not tell where they are. */
function bucketOf(entries: readonly Entry[]): ImgCache {
  const own = entries.map(({ bucket: _, ...entry }) => ({ entry, urls: [entry.url] }));
  const search: ImgCache['search'] = async function* (query) {
    // In parts of one, so that there is something to merge.
    for (const { entry } of selectEntries(own, query)) yield [entry];
  };
  // Nothing else is asked for.
  return { search } as ImgCache;
}

it('Lists of buckets are merged to one in its order, from any place to any other', async () => {
  const place = fc.option(someEntry, { nil: undefined });
  await fc.assert(
    fc.asyncProperty(
      someEntries,
      fc.constantFrom(...ORDERS),
      place,
      place,
      fc.option(fc.nat(8), { nil: undefined }),
      async (entries, order, after, before, limit) => {
        const query = {
          order,
          ...(after && { after }),
          ...(before && { before }),
          ...(limit !== undefined && { limit }),
        };
        const buckets = new Map(
          BUCKETS.map((name) => [name, bucketOf(entries.filter(({ bucket }) => bucket === name))]),
        );
        const parts = { list: async () => BUCKETS, inBucket: (name: string) => buckets.get(name as '')! };
        const merged = await collect(new MergedBuckets(parts).search(query));
        const all = entries.map((entry) => ({ entry, urls: [entry.url] }));
        expect(merged.flat()).toEqual(selectEntries(all, query).map(({ entry }) => entry));
      },
    ),
    { numRuns: 500 },
  );
});

it('Entries that do not tell their bucket have the place that their bucket gives them', () => {
  const place = { createdAt: '2026-01-01T00:00:00.000000Z', contentHash: hashOf(1) };
  expect(compareEntries('NEWEST_FIRST', place, { ...place, bucket: 'a' })).toBe(0);
  expect(compareEntries('NEWEST_FIRST', { ...place, bucket: 'b' }, { ...place, bucket: 'a' })).toBe(1);
  expect(compareEntries('OLDEST_FIRST', { ...place, bucket: 'b' }, { ...place, bucket: 'a' })).toBe(-1);
});

it('What buckets give by key and by likeness is what one list of all of them gives', async () => {
  const imgcache = new MemoryBuckets();
  for (let index = 0; index < 40; index++) {
    const hash = (1n << BigInt(index % 5)).toString(16).padStart(16, '0');
    const image = await stageBytes(tinyPicture(hash, `${index % 9}`), (_, bytes) => tinyPictureFacts(bytes));
    const url = `https://a.example/${index % 7}`;
    await imgcache.inBucket(BUCKETS[index % 3]!).store(image, { url, clientName: 'c' });
  }
  const searches = new MergedBuckets({
    list: async () => BUCKETS,
    inBucket: (name) => imgcache.inBucket(name),
  });
  const trusted = imgcache.acrossBuckets();
  const urls = ['https://a.example/0', 'https://a.example/none', 'https://a.example/6'];
  expect(await searches.lookup(urls)).toEqual(await trusted.lookup(urls));
  const [{ contentHash } = { contentHash: '' }] = (
    await collect(trusted.search({ order: 'NEWEST_FIRST' }))
  ).flat();
  expect(await searches.find(contentHash)).toEqual(await trusted.find(contentHash));
  expect(await searches.find(hashOf(0))).toEqual([]);
  for (const limit of [0, 1, 7, 100]) {
    const query = { perceptualHash: '0000000000000001', maxHammingDistance: 2, limit };
    const similar = async (from: typeof trusted): Promise<EntryMatch[]> =>
      (await collect(from.similar(query))).flat();
    expect(await similar(searches)).toEqual(await similar(trusted));
  }
});

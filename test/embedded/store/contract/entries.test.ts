import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '#src/embedded/store/store.js';
import { compareText } from '#src/services/compare-text.js';
import type { Entry } from '#src/services/entry.js';
import type { EntryPosition } from '#src/services/entry-order.js';
import { randomRuns } from '../../../harness/repetitions.js';
import { describeStores, hashOf, insert, newEntry } from './stores.js';

/** Characters that databases, drivers and orders treat in their own way. */
const NASTY = [
  ...'aAzZ%_\\\'"{}, \n\té',
  'É',
  'ß',
  'İ',
  '\u212a',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '😀',
  '\u{10ffff}',
];
const nastyText = fc.string({ unit: fc.constantFrom(...NASTY), minLength: 1, maxLength: 8 });
const timestamp = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .chain(([year, month, day]) =>
    fc
      .tuple(fc.integer({ min: 0, max: 86_399 }), fc.integer({ min: 0, max: 999_999 }))
      .map(([second, micro]) => {
        const two = (part: number) => String(part).padStart(2, '0');
        const time = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
        return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time}.${String(micro).padStart(6, '0')}Z`;
      }),
  );

describeStores('Entries', (open) => {
  let store: Store;

  describe('are kept as they are', () => {
    beforeAll(async () => {
      ({ store } = await open());
    });

    it('whatever texts, times and sizes they have', async () => {
      let number = 0;
      const entry = fc.record({
        url: nastyText,
        contentType: nastyText,
        fileSizeBytes: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        originalFilename: fc.option(nastyText),
        width: fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
        height: fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
        perceptualHash: fc.option(
          fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((hash) => hash.toString(16).padStart(16, '0')),
        ),
        clientName: nastyText,
        lookupTime: timestamp,
        prefix: fc.option(nastyText),
        meta: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
        retrievedAt: fc.option(timestamp),
      });
      await fc.assert(
        fc.asyncProperty(entry, async (values) => {
          const given = newEntry(number++, values);
          const { entry: stored, status } = await insert(store, given);
          expect(status).toBe('CREATED');
          expect(stored).toEqual({ ...given, createdAt: stored.createdAt });
          expect(await store.entries.find([given.contentHash])).toEqual(
            new Map([[given.contentHash, stored]]),
          );
          expect((await store.entries.findByUrl([given.url])).get(given.url)).toEqual(stored);
        }),
        { numRuns: randomRuns(200) },
      );
    });

    it.each(['0001-01-01T00:00:00.000000Z', '9999-12-31T23:59:59.999999Z'])(
      'with the time %s',
      async (lookupTime) => {
        const given = newEntry(lookupTime.length * 1000 + Number(lookupTime.slice(0, 4)), { lookupTime });
        expect((await insert(store, given)).entry.lookupTime).toBe(lookupTime);
        expect((await store.entries.find([given.contentHash])).get(given.contentHash)?.lookupTime).toBe(
          lookupTime,
        );
      },
    );

    it('with the time of creation as time of look-up where none is given', async () => {
      const { entry } = await insert(store, newEntry(900_001));
      expect(entry.lookupTime).toBe(entry.createdAt);
      expect(entry.createdAt).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(Math.abs(Date.parse(entry.createdAt) - Date.now())).toBeLessThan(60_000);
    });
  });

  describe('with several URLs', () => {
    beforeEach(async () => {
      ({ store } = await open());
    });

    it('keep the first of them, and list all in the order in which they came', async () => {
      const first = await insert(store, newEntry(1, { url: 'b' }));
      expect(first.status).toBe('CREATED');
      const second = await store.entries.insert(
        newEntry(1, { url: 'a', clientName: 'other', fileSizeBytes: 7 }),
      );
      expect(second).toEqual({ entry: { ...first.entry, urls: null }, status: 'URL_ADDED' });
      const again = await store.entries.insert(newEntry(1, { url: 'b' }));
      expect(again).toEqual({ entry: { ...first.entry, urls: null }, status: 'UNCHANGED' });
      expect(await store.entries.findUrls([hashOf(1), hashOf(2)])).toEqual(
        new Map([
          [hashOf(1), ['b', 'a']],
          [hashOf(2), []],
        ]),
      );
      expect((await store.entries.find([hashOf(1)])).get(hashOf(1))).toEqual({ ...first.entry, urls: null });
    });

    it('are UNCHANGED with the one URL that they have', async () => {
      const { entry } = await insert(store, newEntry(1));
      expect(await store.entries.insert(newEntry(1))).toEqual({ entry, status: 'UNCHANGED' });
    });

    it('have each a client and times of its own, also those of another store', async () => {
      const [created, later] = ['2001-02-03T04:05:06.000007Z', '2002-02-03T04:05:06.000000Z'];
      const lookupTime = '2000-01-01T00:00:00.000000Z';
      const { entry } = await insert(store, newEntry(1, { url: 'b', createdAt: created, lookupTime }));
      expect(entry).toMatchObject({ createdAt: created, lookupTime });
      await store.entries.insert(newEntry(1, { url: 'c', clientName: 'other', lookupTime: later }));
      await store.entries.insert(newEntry(1, { url: 'a', createdAt: later, lookupTime }));
      const origins = await store.entries.findOrigins([hashOf(1), hashOf(2)]);
      expect(origins.get(hashOf(1))).toEqual([
        { url: 'b', clientName: entry.clientName, lookupTime, createdAt: created },
        { url: 'a', clientName: entry.clientName, lookupTime, createdAt: later },
        { url: 'c', clientName: 'other', lookupTime: later, createdAt: expect.stringMatching(/^20[2-9]/) },
      ]);
      expect(origins.get(hashOf(2))).toEqual([]);
      const [oldest] = await store.entries.list({ order: 'OLDEST_FIRST', limit: 1 });
      expect(oldest).toMatchObject({ createdAt: created });
    });

    it('count no more of them than asked for', async () => {
      await insert(store, newEntry(1));
      for (const url of ['a', 'b', 'c']) await store.entries.insert(newEntry(1, { url }));
      await insert(store, newEntry(2));
      for (const [upTo, one, two] of [
        [1, 1, 1],
        [3, 3, 1],
        [9, 4, 1],
      ] as const)
        expect(await store.entries.countUrls([hashOf(1), hashOf(2), hashOf(3)], upTo)).toEqual(
          new Map([
            [hashOf(1), one],
            [hashOf(2), two],
          ]),
        );
    });

    it('are found by the URL of several as the newest of them', async () => {
      await insert(store, newEntry(1, { url: 'same' }));
      await insert(store, newEntry(2, { url: 'same' }));
      await insert(store, newEntry(3, { url: 'Same' }));
      await store.entries.insert(newEntry(1, { url: 'other' }));
      const found = await store.entries.findByUrl(['same', 'SAME', 'other', 'same']);
      expect([...found].map(([url, { contentHash }]) => [url, contentHash]).sort()).toEqual([
        ['other', hashOf(1)],
        ['same', hashOf(2)],
      ]);
    });
  });

  describe('that go', () => {
    beforeEach(async () => {
      ({ store } = await open());
    });

    it('go with their URLs, once', async () => {
      await insert(store, newEntry(1));
      await store.entries.insert(newEntry(1, { url: 'other' }));
      expect(await store.entries.delete(hashOf(1))).toBe(true);
      expect(await store.entries.delete(hashOf(1))).toBe(false);
      expect(await store.entries.find([hashOf(1)])).toEqual(new Map());
      expect(await store.entries.findByUrl(['other', newEntry(1).url])).toEqual(new Map());
      expect(await store.entries.findUrls([hashOf(1)])).toEqual(new Map([[hashOf(1), []]]));
    });

    it('come again as new ones', async () => {
      const { entry } = await insert(store, newEntry(1));
      await store.entries.delete(hashOf(1));
      const again = await store.entries.insert(newEntry(1, { url: 'other' }));
      expect(again.status).toBe('CREATED');
      expect(again.entry.createdAt > entry.createdAt).toBe(true);
      expect((await store.entries.findUrls([hashOf(1)])).get(hashOf(1))).toEqual(['other']);
    });
  });

  describe('in their order', () => {
    const COUNT = 60;
    let all: Entry[];

    beforeAll(async () => {
      ({ store } = await open());
      // Some of them at once, so that times are as close as they come.
      for (let start = 0; start < COUNT; start += 10)
        await Promise.all(Array.from({ length: 10 }, (_, i) => insert(store, newEntry(start + i))));
      const found = await store.entries.find(Array.from({ length: COUNT }, (_, i) => hashOf(i)));
      all = [...found.values()].sort(
        (a, b) => compareText(b.createdAt, a.createdAt) || compareText(a.contentHash, b.contentHash),
      );
    });

    it.each(['NEWEST_FIRST', 'OLDEST_FIRST'] as const)('%s, page by page', async (order) => {
      const expected = order === 'NEWEST_FIRST' ? all : all.toReversed();
      expect(await store.entries.list({ order, limit: 1000 })).toEqual(expected);
      for (const limit of [1, 7]) {
        const paged: Entry[] = [];
        let after: EntryPosition | undefined;
        for (;;) {
          const page = await store.entries.list({ order, limit, ...(after && { after }) });
          paged.push(...page);
          if (page.length < limit) break;
          const { createdAt, contentHash } = page.at(-1)!;
          after = { createdAt, contentHash };
        }
        expect(paged).toEqual(expected);
      }
    });

    it('behind a place where no entry is', async () => {
      const { createdAt } = all[20]!;
      for (const contentHash of ['0'.repeat(64), 'f'.repeat(64)]) {
        const after = { createdAt, contentHash };
        const found = await store.entries.list({ order: 'NEWEST_FIRST', limit: 1000, after });
        expect(found).toEqual(
          all.filter(
            (entry) =>
              entry.createdAt < createdAt ||
              (entry.createdAt === createdAt && entry.contentHash > contentHash),
          ),
        );
      }
    });
  });

  describe('by many keys', () => {
    beforeAll(async () => {
      ({ store } = await open());
      for (let i = 0; i < 50; i++) await insert(store, newEntry(i));
    });

    it('of which most are not there', async () => {
      const hashes = Array.from({ length: 20_000 }, (_, i) => hashOf(i));
      expect((await store.entries.find(hashes)).size).toBe(50);
      expect((await store.entries.findByUrl(hashes.map((_, i) => newEntry(i).url))).size).toBe(50);
      expect((await store.entries.findUrls(hashes)).size).toBe(20_000);
      expect((await store.entries.countUrls(hashes, 2)).size).toBe(50);
      expect((await store.entries.findBySeq(hashes.map((_, i) => i + 1))).size).toBe(50);
    });

    it('of which none can be one', async () => {
      for (const key of [
        '',
        'x',
        hashOf(1).toUpperCase(),
        `${hashOf(1)}00`,
        hashOf(1).slice(2),
        '\0',
        '\ud800',
      ]) {
        expect(await store.entries.find([key])).toEqual(new Map());
        expect(await store.entries.delete(key)).toBe(false);
        expect(await store.blobs.findPlace(hashOf(1))).not.toBeNull();
        expect(await store.entries.findByUrl([key])).toEqual(new Map());
        expect(await store.entries.findUrls([key])).toEqual(new Map([[key, []]]));
      }
    });

    it('of which there are none', async () => {
      expect(await store.entries.find([])).toEqual(new Map());
      expect(await store.entries.findBySeq([])).toEqual(new Map());
      expect(await store.entries.findByUrl([])).toEqual(new Map());
      expect(await store.entries.findUrls([])).toEqual(new Map());
      expect(await store.entries.countUrls([], 1)).toEqual(new Map());
    });
  });

  describe('stored at once', () => {
    beforeEach(async () => {
      ({ store } = await open());
    });

    it('are created once, and keep every URL', async () => {
      const urls = Array.from({ length: 30 }, (_, i) => `https://x.example/${i % 10}`);
      const results = await Promise.all(urls.map((url) => insert(store, newEntry(1, { url }))));
      const statuses = results.map(({ status }) => status);
      expect(statuses.filter((status) => status === 'CREATED')).toHaveLength(1);
      expect(statuses.filter((status) => status === 'URL_ADDED')).toHaveLength(9);
      const found = (await store.entries.findUrls([hashOf(1)])).get(hashOf(1))!;
      expect(found.toSorted()).toEqual([...new Set(urls)].toSorted());
      const wrong: unknown[] = [];
      for await (const rows of store.audit.wrongCounts()) wrong.push(...rows);
      expect(wrong).toEqual([]);
    });

    it('and deleted at once are there whole or not at all', async () => {
      for (let round = 0; round < 20; round++) {
        await insert(store, newEntry(round));
        const [added] = await Promise.all([
          insert(store, newEntry(round, { url: 'other' })),
          store.entries.delete(hashOf(round)),
        ]);
        expect(added.entry.contentHash).toBe(hashOf(round));
        const there = await store.entries.find([hashOf(round)]);
        const urls = (await store.entries.findUrls([hashOf(round)])).get(hashOf(round));
        expect(there.size === 1 ? urls!.length : 0).toBe(urls!.length);
        const orphans: unknown[] = [];
        for await (const rows of store.audit.urlsWithoutEntry()) orphans.push(...rows);
        expect(orphans).toEqual([]);
      }
    });
  });
});

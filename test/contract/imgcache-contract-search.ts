import { describe, expect, it } from 'vitest';
import type { Entry } from '#src/services/entry.js';
import type { EntryFilter } from '#src/services/entry-query.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import type { ContractBench } from './imgcache-contract-bench.js';

/** Lists by URL, client, type and time. */
export function describeSearch(bench: ContractBench): void {
  const { dropsUrls = false } = bench.shortcomings;

  describe('search', () => {
    it('gives everything, newest first or oldest first', async () => {
      const entries = [];
      for (const content of ['a', 'b', 'c']) entries.push(await bench.stored(content));
      expect(await bench.find({ order: 'OLDEST_FIRST' })).toEqual(entries);
      expect(await bench.find({ order: 'NEWEST_FIRST' })).toEqual(entries.toReversed());
    });

    it('gives nothing where nothing is', async () => {
      expect(await bench.find({})).toEqual([]);
      expect(await bench.find({ filter: { urlContains: 'x' } })).toEqual([]);
    });

    it('takes %, _ and \\ for themselves', async () => {
      const urls = [
        'https://u.example/100%_done',
        'https://u.example/100Xdone',
        'https://u.example/back\\slash',
      ];
      for (const url of urls) await bench.storedAt(url);
      expect(await bench.findUrls('100%_done')).toEqual([urls[0]]);
      expect(await bench.findUrls('%')).toEqual([urls[0]]);
      expect(await bench.findUrls('_')).toEqual([urls[0]]);
      expect(await bench.findUrls('u_example')).toEqual([]);
      expect(await bench.findUrls('k\\s')).toEqual([urls[2]]);
      expect(await bench.findUrls('\\%')).toEqual([]);
      expect(await bench.findUrls('')).toEqual(urls);
    });

    it('takes ASCII letters in either case, and no others', async () => {
      const urls = ['HTTPS://U.EXAMPLE/a', 'https://u.example/caf\u00e9'];
      for (const url of urls) await bench.storedAt(url);
      expect(await bench.findUrls('hTTps://u.exAMPLE')).toEqual(urls);
      expect(await bench.findUrls('CAF\u00e9')).toEqual([urls[1]]);
      expect(await bench.findUrls('\u00c9')).toEqual([]);
      expect(await bench.findUrls('e\u0301')).toEqual([]);
    });

    it.skipIf(dropsUrls)('looks into every URL, and gives an entry once', async () => {
      const { url } = await bench.stored('a', { url: 'https://one.example/x' });
      await bench.stored('a', { url: 'https://two.example/x' });
      expect(await bench.findUrls('.example/x')).toEqual([url]);
      expect(await bench.findUrls('one.example')).toEqual([url]);
      expect(await bench.findUrls('two.example')).toEqual([url]);
    });

    it('filters by client, type and time of creation, all together', async () => {
      const a = await bench.stored('a', { clientName: 'alice' });
      const b = await bench.stored(tinyPicture('00000000000000ff'), { clientName: 'alice' });
      const c = await bench.stored('c', { clientName: 'Alice' });
      expect(await bench.find({ filter: { clientName: 'alice' } })).toEqual([a, b]);
      expect(await bench.find({ filter: { clientName: 'alic' } })).toEqual([]);
      expect(await bench.find({ filter: { contentType: 'image/png' } })).toEqual([b]);
      expect(await bench.find({ filter: { createdFrom: b.createdAt } })).toEqual([b, c]);
      expect(await bench.find({ filter: { createdBefore: b.createdAt } })).toEqual([a]);
      expect(await bench.find({ filter: { createdFrom: b.createdAt, createdBefore: c.createdAt } })).toEqual([
        b,
      ]);
      expect(await bench.find({ filter: { clientName: 'alice', createdFrom: b.createdAt } })).toEqual([b]);
      expect(await bench.find({ filter: { urlContains: a.contentHash, contentType: 'image/png' } })).toEqual(
        [],
      );
    });

    it('filters by several clients and types, by size in pixels, and by whether there is a hash', async () => {
      const a = await bench.stored('a', { clientName: 'alice' });
      const b = await bench.stored(tinyPicture('00000000000000ff'), { clientName: 'bob' });
      const c = await bench.stored('c', { clientName: 'carol' });
      const found = (filter: EntryFilter) => bench.find({ filter });
      expect(await found({ clientNames: ['carol', 'alice', 'nobody'] })).toEqual([a, c]);
      expect(await found({ clientNames: [] })).toEqual([]);
      expect(await found({ clientName: 'bob', clientNames: ['alice', 'bob'] })).toEqual([b]);
      expect(await found({ contentTypes: ['image/*'] })).toEqual([b]);
      expect(await found({ contentTypes: ['image/png', a.contentType] })).toEqual([a, b, c]);
      expect(await found({ contentTypes: ['imag/*', 'image/p'] })).toEqual([]);
      expect(await found({ contentTypes: [] })).toEqual([]);
      expect(await found({ minWidth: b.width!, minHeight: b.height! })).toEqual([b]);
      expect(await found({ minWidth: b.width! + 1 })).toEqual([]);
      expect(await found({ minHeight: b.height! + 1 })).toEqual([]);
      expect(await found({ minWidth: 0 })).toEqual([b]);
      expect(await found({ hasPerceptualHash: true })).toEqual([b]);
      expect(await found({ hasPerceptualHash: false })).toEqual([a, c]);
    });

    it.skipIf(dropsUrls)('finds an entry by the host of any of its URLs', async () => {
      const a = await bench.stored('a', { url: 'https://one.example/two.example' });
      const { entry: b } = await bench.store('b', { url: 'http://user@ONE.example:8080?x' });
      await bench.store('b', { url: 'https://two.example/' });
      const hosts = (urlHost: string, more: EntryFilter = {}) => bench.find({ filter: { urlHost, ...more } });
      const hashes = (entries: readonly Entry[]) => entries.map(({ contentHash }) => contentHash);
      expect(hashes(await hosts('one.EXAMPLE'))).toEqual(hashes([a, b]));
      expect(hashes(await hosts('two.example'))).toEqual(hashes([b]));
      expect(hashes(await hosts('one.example', { urlContains: 'two.example' }))).toEqual(hashes([a, b]));
      for (const host of ['example', 'one.example:8080', 'user@one.example', 'one_example'])
        expect(await hosts(host)).toEqual([]);
    });

    it.skipIf(dropsUrls)('finds an entry by the host of one of very many URLs', async () => {
      for (let n = 0; n < 30; n++) await bench.store('a', { url: `https://h${n}.example/` });
      const other = await bench.stored('b', { url: 'https://b.example/' });
      expect(await bench.findUrls('h29.example')).toEqual(['https://h0.example/']);
      expect((await bench.find({ filter: { urlHost: 'h29.example' } })).map(({ url }) => url)).toEqual([
        'https://h0.example/',
      ]);
      expect(await bench.find({ filter: { urlHost: 'b.example' } })).toEqual([other]);
    });

    it('gives the largest or the smallest first, and then by content hash', async () => {
      const entries: Entry[] = [];
      for (const content of ['1', '22', '333', 'aaa', 'bb', 'ccc'])
        entries.push(await bench.stored(content, { clientName: content.length > 1 ? 'some' : 'other' }));
      const largest = entries.toSorted(
        (a, b) => b.fileSizeBytes - a.fileSizeBytes || (a.contentHash > b.contentHash ? -1 : 1),
      );
      expect(await bench.find({ order: 'LARGEST_FIRST' })).toEqual(largest);
      expect(await bench.find({ order: 'SMALLEST_FIRST' })).toEqual(largest.toReversed());
      const { fileSizeBytes, contentHash } = largest[1]!;
      const place = { fileSizeBytes, contentHash };
      expect(await bench.find({ order: 'LARGEST_FIRST', after: place, limit: 2 })).toEqual(
        largest.slice(2, 4),
      );
      expect(await bench.find({ order: 'SMALLEST_FIRST', after: place })).toEqual([largest[0]]);
      await bench.imgcache.delete(contentHash);
      expect(
        await bench.find({
          order: 'LARGEST_FIRST',
          after: place,
          before: largest[5]!,
          filter: { clientName: 'some' },
        }),
      ).toEqual(largest.slice(2, 5));
    });

    it('ends in front of a place', async () => {
      const entries: Entry[] = [];
      for (let index = 0; index < 6; index++) entries.push(await bench.stored(`entry ${index}`));
      const [first, , third, , , last] = entries;
      expect(await bench.find({ before: third! })).toEqual(entries.slice(0, 2));
      expect(await bench.find({ after: first!, before: last!, limit: 2 })).toEqual(entries.slice(1, 3));
      expect(await bench.find({ order: 'NEWEST_FIRST', after: last!, before: third! })).toEqual(
        entries.slice(3, 5).toReversed(),
      );
      expect(await bench.find({ after: last!, before: first! })).toEqual([]);
    });

    it.skipIf(dropsUrls)('counts what a filter selects', async () => {
      expect(await bench.imgcache.count({})).toBe(0);
      for (const content of ['a', 'b', 'c']) await bench.stored(content, { clientName: `client ${content}` });
      await bench.stored('a', { url: 'https://two.example/' });
      expect(await bench.imgcache.count({})).toBe(3);
      expect(await bench.imgcache.count({ clientNames: ['client a', 'client c'] })).toBe(2);
      expect(await bench.imgcache.count({ urlContains: 'X.EXAMPLE' })).toBe(3);
      expect(await bench.imgcache.count({ urlHost: 'two.example' })).toBe(1);
      expect(await bench.imgcache.count({ urlHost: 'two.example', clientName: 'client b' })).toBe(0);
    });

    it('lists the clients with the most entries first, then by name', async () => {
      expect(await bench.imgcache.listClients({ startsWith: '', limit: 10 })).toEqual([]);
      for (const [index, clientName] of ['bob', 'alice', 'bob', 'Al', 'al%'].entries())
        await bench.stored(`entry ${index}`, { clientName });
      const clients = [
        { name: 'bob', entryCount: 2 },
        ...['Al', 'al%', 'alice'].map((name) => ({ name, entryCount: 1 })),
      ];
      expect(await bench.imgcache.listClients({ startsWith: '', limit: 10 })).toEqual(clients);
      expect(await bench.imgcache.listClients({ startsWith: '', limit: 2 })).toEqual(clients.slice(0, 2));
      expect(await bench.imgcache.listClients({ startsWith: 'al', limit: 10 })).toEqual(clients.slice(2));
    });

    it('stops at the limit', async () => {
      const entries = [];
      for (const content of ['a', 'b', 'c']) entries.push(await bench.stored(content));
      expect(await bench.find({ limit: 2 })).toEqual(entries.slice(0, 2));
      expect(await bench.find({ limit: 3 })).toEqual(entries);
      expect(await bench.find({ limit: 0 })).toEqual([]);
    });

    it.each(['OLDEST_FIRST', 'NEWEST_FIRST'] as const)(
      'goes on behind a place, %s, also when entries before and at that place are deleted',
      async (order) => {
        const entries: Entry[] = [];
        for (let index = 0; index < 9; index++) entries.push(await bench.stored(`entry ${index}`));
        const expected = order === 'OLDEST_FIRST' ? entries : entries.toReversed();
        const first = await bench.find({ order, limit: 4 });
        expect(first).toEqual(expected.slice(0, 4));
        await bench.imgcache.delete(first[0]!.contentHash);
        await bench.imgcache.delete(first[3]!.contentHash);
        const { createdAt, contentHash } = first[3]!;
        const second = await bench.find({ order, limit: 3, after: { createdAt, contentHash } });
        expect(second).toEqual(expected.slice(4, 7));
        expect(await bench.find({ order, after: second.at(-1)! })).toEqual(expected.slice(7));
        expect(await bench.find({ order, after: expected.at(-1)! })).toEqual([]);
      },
    );

    it('can be left early', async () => {
      for (const content of ['a', 'b', 'c']) await bench.stored(content);
      for await (const batch of bench.imgcache.search({ order: 'OLDEST_FIRST' })) {
        expect(batch.length).toBeGreaterThan(0);
        break;
      }
      expect(await bench.find({})).toHaveLength(3);
    });
  });
}

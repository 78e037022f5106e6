import { describe, expect, it } from 'vitest';
import type { Entry } from '#src/services/imgcache.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import type { ContractBench } from './imgcache-contract-bench.js';

/** Lists by URL, client, type and time. */
export function describeSearch(bench: ContractBench): void {
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

    it('looks into every URL, and gives an entry once', async () => {
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

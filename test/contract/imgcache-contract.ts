import { describe, expect, it } from 'vitest';
import { LightSignal } from '#src/request/light-signal.js';
import { contentHashAt } from '#src/services/imgcache.js';
import {
  ContractBench,
  collect,
  type ImgCacheSubject,
  type Shortcomings,
} from './imgcache-contract-bench.js';
import { describeBuckets, describeNotes } from './imgcache-contract-buckets.js';
import { describeReads } from './imgcache-contract-reads.js';
import { describeSearch } from './imgcache-contract-search.js';
import { describeSimilar } from './imgcache-contract-similar.js';
import { describeWrites } from './imgcache-contract-writes.js';

export type { ImgCacheSubject } from './imgcache-contract-bench.js';

/** Every implementation of ImgCache must pass this. */
export function describeImgCache(
  name: string,
  start: () => Promise<ImgCacheSubject>,
  shortcomings: Shortcomings = {},
): void {
  describe(name, () => {
    const bench = new ContractBench(start, shortcomings);
    describeReads(bench);
    describeWrites(bench);
    describeSearch(bench);
    describeSimilar(bench);
    if (!shortcomings.lacksBuckets) describeBuckets(bench);
    if (!shortcomings.lacksBuckets && !shortcomings.lacksNotes) describeNotes(bench);

    it('is healthy', async () => {
      await expect(bench.imgcache.health()).resolves.toBeUndefined();
    });

    it('rejects every call whose signal is aborted, and stores nothing', async () => {
      const { contentHash, url } = await bench.stored('a');
      const signal = LightSignal.following([AbortSignal.abort()]);
      await using image = await bench.stage(Buffer.from('not to be stored'));
      const calls: Record<string, () => Promise<unknown>> = {
        getMeta: () => bench.imgcache.getMeta([contentHash], signal),
        lookup: () => bench.imgcache.lookup([url], signal),
        countUrls: () => bench.imgcache.countUrls([contentHash], signal),
        count: () => bench.imgcache.count({}, signal),
        listClients: () => bench.imgcache.listClients({ startsWith: '', limit: 1 }, signal),
        search: () => collect(bench.imgcache.search({ order: 'OLDEST_FIRST' }, signal)),
        similar: () =>
          collect(bench.imgcache.similar({ perceptualHash: '0'.repeat(16), maxHammingDistance: 4 }, signal)),
        getBytes: () => bench.imgcache.getBytes(contentHash, undefined, signal),
        store: () => bench.imgcache.store(image, { url, clientName: 'c' }, signal),
        delete: () => bench.imgcache.delete(contentHash, signal),
        health: () => bench.imgcache.health(signal),
      };
      for (const [operation, call] of Object.entries(calls))
        await expect(call(), operation).rejects.toThrow();
      expect(await bench.imgcache.getMeta([contentHash, await contentHashAt(bench.imgcache, image)])).toEqual(
        [expect.anything(), null],
      );
    });
  });
}

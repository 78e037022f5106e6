import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedImgCache, type EmbeddedImgCacheParts } from '#src/embedded/imgcache.js';
import { compareText } from '#src/services/compare-text.js';
import type { Entry } from '#src/services/entry.js';
import {
  compareEntries,
  ENTRY_ORDERS,
  type EntryOrder,
  type EntryPosition,
} from '#src/services/entry-order.js';
import type { EntryFilter } from '#src/services/entry-query.js';
import { matches, selectEntries } from '../../../fakes/memory-imgcache.js';
import { randomRuns } from '../../../harness/repetitions.js';
import { anyFilter, type ListedEntry, ORDERS, someEntries, someFilter, writeEntries } from './listed-rows.js';
import { type ContractStore, describeStores } from './stores.js';

const COUNT = 250;

async function take(imgcache: EmbeddedImgCache, query: Parameters<EmbeddedImgCache['search']>[0]) {
  const all: Entry[] = [];
  for await (const batch of imgcache.search(query)) all.push(...batch);
  return all;
}

/** A place as a cursor holds it: no more than the order needs. */
function placeOf(order: EntryOrder, entry: Entry): EntryPosition {
  const { by } = ENTRY_ORDERS[order];
  return { [by]: entry[by], contentHash: entry.contentHash };
}

/** Each has entries of the same bytes, and none is in the lists of another. */
const BUCKETS = ['', 'parts'];

describeStores('Lists of entries', (open) => {
  let opened: ContractStore;
  const entries = new Map<string, ListedEntry[]>();

  beforeAll(async () => {
    opened = await open();
    for (const bucket of BUCKETS) {
      entries.set(bucket, someEntries(COUNT, 0, bucket));
      await writeEntries(opened.store, entries.get(bucket)!);
    }
  });

  describe.each(BUCKETS)('of the bucket "%s"', (bucket) =>
    describeLists(bucket, () => ({ opened, all: entries.get(bucket)! })),
  );
});

function describeLists(bucket: string, parts: () => { opened: ContractStore; all: ListedEntry[] }): void {
  let opened: ContractStore;
  let imgcache: EmbeddedImgCache;
  let all: ListedEntry[];

  beforeAll(() => {
    ({ opened, all } = parts());
    const { store, urlSearch, counts } = opened;
    // Lists need neither bytes nor hashes.
    imgcache = new EmbeddedImgCache({ store, urlSearch, counts } as EmbeddedImgCacheParts).inBucket(bucket);
  });

  const order = fc.constantFrom(...ORDERS);
  const place = fc.option(fc.nat({ max: COUNT - 1 }), { nil: undefined });

  it('are what a plain filter and a sort make of all, between any two places', async () => {
    const limit = fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anyFilter, someFilter),
        order,
        place,
        place,
        limit,
        async (filter, order, after, before, limit) => {
          const query = {
            filter,
            order,
            ...(after !== undefined && { after: placeOf(order, all[after]!.entry) }),
            ...(before !== undefined && { before: placeOf(order, all[before]!.entry) }),
            ...(limit !== undefined && { limit }),
          };
          expect(await take(imgcache, query)).toEqual(selectEntries(all, query).map(({ entry }) => entry));
        },
      ),
      { numRuns: randomRuns(250) },
    );
  });

  it('are counted as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyFilter, someFilter), async (filter) => {
        const expected = all.filter(({ entry, urls }) => matches(entry, urls, filter)).length;
        expect(await imgcache.count(filter)).toBe(expected);
      }),
      { numRuns: randomRuns(250) },
    );
  });

  it('have clients by number of entries, then by name', async () => {
    const byName = new Map<string, number>();
    for (const { entry } of all) byName.set(entry.clientName, (byName.get(entry.clientName) ?? 0) + 1);
    const sorted = Array.from(byName, ([name, entryCount]) => ({ name, entryCount })).sort(
      (a, b) => b.entryCount - a.entryCount || compareText(a.name, b.name),
    );
    for (const startsWith of ['', 'a', 'alice', 'alice\u{10ffff}', '\u{10ffff}', 'z', 'ä', 'A', '%', '_']) {
      const expected = sorted.filter(({ name }) => name.startsWith(startsWith));
      expect(await imgcache.listClients({ startsWith, limit: 100 })).toEqual(expected);
      expect(await imgcache.listClients({ startsWith, limit: 2 })).toEqual(expected.slice(0, 2));
    }
  });

  it('have as many URLs as were stored, in the order of their times', async () => {
    const hashes = all.map(({ entry }) => entry.contentHash);
    expect(await imgcache.countUrls([...hashes, 'none'])).toEqual([...all.map(({ urls }) => urls.length), 0]);
    expect(await imgcache.getUrls(hashes)).toEqual(all.map(({ urls }) => urls));
  });

  describe('walked page by page', () => {
    const added: ListedEntry[] = [];
    const deleted = new Set<string>();

    /** The places of every page are of entries that may have gone since. */
    async function walk(
      order: EntryOrder,
      filter: EntryFilter,
      limit: number,
      between: (last: Entry) => Promise<void>,
    ) {
      const walked: Entry[] = [];
      for (let after: EntryPosition | undefined; ; ) {
        const page = await take(imgcache, { order, filter, limit, ...(after && { after }) });
        walked.push(...page);
        if (page.length < limit) return walked;
        after = placeOf(order, page.at(-1)!);
        await between(page.at(-1)!);
      }
    }

    it('have each entry that stays once, in order, while others come and go', async () => {
      let number = COUNT;
      await fc.assert(
        fc.asyncProperty(
          order,
          someFilter,
          fc.integer({ min: 20, max: 60 }),
          async (order, filter, limit) => {
            const before = [...all, ...added].filter(({ entry }) => !deleted.has(entry.contentHash));
            const walked = await walk(order, filter, limit, async (last) => {
              // The one that the next page begins behind, and one that may come before or behind it.
              if (number % 3 === 0) {
                deleted.add(last.contentHash);
                await opened.store.entries.inBucket(bucket).delete(last.contentHash);
              }
              const more = someEntries(1, number++, bucket);
              added.push(...more);
              await writeEntries(opened.store, more);
            });
            expect(walked).toEqual(walked.toSorted((a, b) => compareEntries(order, a, b)));
            const once = new Set(walked.map(({ contentHash }) => contentHash));
            expect(once.size).toBe(walked.length);
            const missed = selectEntries(before, { order, filter }).filter(
              ({ entry: { contentHash } }) => !deleted.has(contentHash) && !once.has(contentHash),
            );
            expect(missed).toEqual([]);
          },
        ),
        { numRuns: randomRuns(12) },
      );
    });
  });
}

import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { Entry } from '#src/services/entry.js';
import { ENTRY_ORDERS } from '#src/services/entry-order.js';
import type { EntryQuery } from '#src/services/entry-query.js';
import { selectEntries } from '../../../fakes/memory-imgcache.js';
import { randomRuns } from '../../../harness/repetitions.js';
import { type ContractStore, describeStores, insert, newEntry } from './stores.js';

interface Stored {
  entry: Entry;
  urls: readonly string[];
}

/** What the search must find, said without SQL. */
function filtered(all: readonly Stored[], query: EntryQuery): unknown[] {
  return selectEntries(all, query).map(({ entry }) => ({
    [ENTRY_ORDERS[query.order].by]: entry[ENTRY_ORDERS[query.order].by],
    contentHash: entry.contentHash,
  }));
}

const CHARACTERS = [...'aAbBcC%_\\\'"/. é', 'É', 'ß', 'İ', '\u212a', '😀', '\uffff'];
const text = (maxLength: number) => fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength });
const CLIENTS = ['alice', 'Alice', 'bob'];
const TYPES = ['image/png', 'image/jpeg'];

describeStores('The search of URLs', (open) => {
  let opened: ContractStore;
  const all: Stored[] = [];

  beforeAll(async () => {
    opened = await open();
    all.length = 0;
    const samples = fc.sample(fc.array(text(8), { minLength: 1, maxLength: 3 }), 150);
    for (const [number, urls] of samples.entries()) {
      const more = { url: urls[0]!, clientName: CLIENTS[number % 3]!, contentType: TYPES[number % 2]! };
      const { entry } = await insert(opened.store, newEntry(number, more));
      for (const url of urls) await opened.store.entries.insert(newEntry(number, { ...more, url }));
      all.push({ entry, urls });
    }
  });

  it('finds what a plain filter finds', async () => {
    const place = fc.nat({ max: 149 }).map((index) => index);
    const query = fc.record(
      {
        order: fc.constantFrom('NEWEST_FIRST' as const, 'OLDEST_FIRST' as const),
        filter: fc.record(
          {
            urlContains: text(4),
            clientName: fc.constantFrom(...CLIENTS),
            contentType: fc.constantFrom(...TYPES),
            createdFrom: place,
            createdBefore: place,
          },
          { requiredKeys: [] },
        ),
        after: place,
        limit: fc.integer({ min: 0, max: 20 }),
      },
      { requiredKeys: ['order'] },
    );
    await fc.assert(
      fc.asyncProperty(query, async ({ filter, after, ...rest }) => {
        const timeOf = (index: number) => all[index]!.entry.createdAt;
        const { createdFrom, createdBefore, ...conditions } = filter ?? {};
        const one: EntryQuery = {
          ...rest,
          filter: {
            ...conditions,
            ...(createdFrom !== undefined && { createdFrom: timeOf(createdFrom) }),
            ...(createdBefore !== undefined && { createdBefore: timeOf(createdBefore) }),
          },
          ...(after !== undefined && {
            after: { createdAt: timeOf(after), contentHash: all[after]!.entry.contentHash },
          }),
        };
        expect(await opened.urlSearch.searchUrls('', one, new AbortController().signal)).toEqual(
          filtered(all, one),
        );
      }),
      { numRuns: randomRuns(400) },
    );
  });

  it.each(['', 'a', '%', '_', '\\', 'É', 'é', 'K', '\u212a', 'ß', 'SS'])(
    'finds %j as it stands',
    async (urlContains) => {
      const one: EntryQuery = { order: 'NEWEST_FIRST', filter: { urlContains } };
      expect(await opened.urlSearch.searchUrls('', one, new AbortController().signal)).toEqual(
        filtered(all, one),
      );
    },
  );

  it('ends with the request that wanted it', async () => {
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(
      opened.urlSearch.searchUrls('', { order: 'NEWEST_FIRST', filter: { urlContains: 'x' } }, gone),
    ).rejects.toThrow('gone');
  });
});

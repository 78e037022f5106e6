import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { searchUrls } from '#src/embedded/store/sqlite/url-search.js';
import { compareEntries, ENTRY_ORDERS, type EntryPosition } from '#src/services/entry-order.js';
import type { EntryQuery } from '#src/services/entry-query.js';
import { urlHost } from '#src/services/url-host.js';
import { randomRuns } from '../../../harness/repetitions.js';
import { EntriesDatabase, type EntryRow } from '../../entries-database.js';

const never = new AbortController().signal;
const ORDERS = ['NEWEST_FIRST', 'OLDEST_FIRST', 'LARGEST_FIRST', 'SMALLEST_FIRST'] as const;

/** What the search must find, said without SQL. */
function filtered(
  rows: readonly EntryRow[],
  { filter = {}, order, after, before, limit }: EntryQuery,
): EntryPosition[] {
  const asciiLower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const compare = (a: EntryPosition, b: EntryPosition) => compareEntries(order, a, b);
  return rows
    .filter(
      (row) =>
        (filter.urlContains === undefined ||
          row.urls.some((url) => asciiLower(url).includes(asciiLower(filter.urlContains!)))) &&
        (filter.clientName === undefined || row.clientName === filter.clientName) &&
        (filter.contentType === undefined || row.contentType === filter.contentType) &&
        (filter.urlHost === undefined || row.urls.some((url) => urlHost(url) === filter.urlHost)) &&
        (filter.clientNames === undefined || filter.clientNames.includes(row.clientName)) &&
        (filter.contentTypes === undefined || filter.contentTypes.includes(row.contentType)) &&
        (filter.createdFrom === undefined || row.createdAt >= filter.createdFrom) &&
        (filter.createdBefore === undefined || row.createdAt < filter.createdBefore) &&
        (after === undefined || compare(after, row) < 0) &&
        (before === undefined || compare(row, before) < 0),
    )
    .sort(compare)
    .slice(0, limit)
    .map((row) => ({
      [ENTRY_ORDERS[order].by]: row[ENTRY_ORDERS[order].by],
      contentHash: row.contentHash,
    }));
}

const text = fc.string({ unit: fc.constantFrom(...'aAbB%_\\\'"/é', 'É', 'ß', '😀'), maxLength: 4 });
const day = fc.integer({ min: 1, max: 5 }).map((number) => `2024-01-0${number}`);
const client = fc.constantFrom('alice', 'Alice', 'bob');
const contentType = fc.constantFrom('image/png', 'image/jpeg');
const hash = fc.integer({ min: 0, max: 99 }).map(String);

const rows: fc.Arbitrary<EntryRow[]> = fc.uniqueArray(
  fc.record({
    contentHash: hash,
    createdAt: day,
    urls: fc.array(text, { minLength: 1, maxLength: 3 }),
    clientName: client,
    contentType,
    fileSizeBytes: fc.nat({ max: 3 }),
  }),
  { selector: ({ contentHash }) => contentHash, maxLength: 30 },
);

const query: fc.Arbitrary<EntryQuery> = fc.record(
  {
    order: fc.constantFrom(...ORDERS),
    filter: fc.record(
      { urlContains: text, clientName: client, contentType, createdFrom: day, createdBefore: day },
      { requiredKeys: [] },
    ),
    after: fc.record({ createdAt: day, fileSizeBytes: fc.nat({ max: 3 }), contentHash: hash }),
    before: fc.record({ createdAt: day, fileSizeBytes: fc.nat({ max: 3 }), contentHash: hash }),
    limit: fc.integer({ min: 0, max: 12 }),
  },
  { requiredKeys: ['order'] },
);

describe('on small tables', () => {
  let database: EntriesDatabase;
  beforeEach(() => {
    database = new EntriesDatabase();
  });
  afterEach(() => database.dispose());

  test('finds what a plain filter finds', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.array(query, { minLength: 1, maxLength: 5 }), async (entries, queries) => {
        database.connection.exec('delete from entries; delete from entry_urls');
        database.addEntries(entries);
        for (const one of queries) {
          expect(await searchUrls(database.connection, '', one, never)).toEqual(filtered(entries, one));
        }
      }),
      { numRuns: randomRuns(300) },
    );
  });

  test.each([
    ['100%', 'https://a.example/100%25', true],
    ['0%2', 'https://a.example/1002', false],
    ['a_b', 'https://a.example/a_b', true],
    ['a_b', 'https://a.example/axb', false],
    ['\\', 'https://a.example/back\\slash', true],
    ["'; drop", "https://a.example/'; DROP table entries", true],
    ['CAFÉ', 'https://a.example/cafÉ', true],
    ['CAFÉ', 'https://a.example/café', false],
    ['k', 'https://A.example/\u212A', false],
    ['kel', 'https://a.example/\u212Ael', false],
    ['\u212Ael', 'https://a.example/kel', false],
    ['', 'https://a.example/', true],
    ['"', 'https://a.example/"', true],
    ['" OR "', 'https://a.example/" or "', true],
    ['" OR "', 'https://a.example/', false],
    ['abc\0', 'https://a.example/abc', false],
    ['😀ab', 'https://a.example/😀AB', true],
    ['\uDE00ab', 'https://a.example/😀ab', false],
  ])('%j in %j: %s', async (urlContains, url, found) => {
    const row = { contentHash: 'h', createdAt: 't', clientName: 'c', contentType: 't', fileSizeBytes: 0 };
    database.addEntries([{ ...row, urls: ['other', url] }]);
    const places = await searchUrls(
      database.connection,
      '',
      { order: 'NEWEST_FIRST', filter: { urlContains } },
      never,
    );
    expect(places).toHaveLength(found ? 1 : 0);
  });

  test('pages go on behind an entry that was deleted meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(rows, query, fc.integer({ min: 1, max: 4 }), async (entries, one, limit) => {
        database.connection.exec('delete from entries; delete from entry_urls');
        database.addEntries(entries);
        const whole = filtered(entries, { ...one, limit: 100 });
        const paged: EntryPosition[] = [];
        let page = await searchUrls(database.connection, '', { ...one, limit }, never);
        while (page.length > 0) {
          paged.push(...page);
          const last = page.at(-1)!;
          database.deleteEntry(last.contentHash);
          page = await searchUrls(database.connection, '', { ...one, limit, after: last }, never);
        }
        expect(paged).toEqual(whole);
      }),
    );
  });
});

describe('on a table of many slices', () => {
  // 30,000 entries with two URLs each: matches of `kind 1` are common, those of `rare` and `second` are not.
  const entries: EntryRow[] = Array.from({ length: 30_000 }, (_, index) => ({
    contentHash: String((index * 7919) % 30_000).padStart(5, '0'),
    createdAt: String(Math.floor(index / 3)).padStart(6, '0'),
    urls: [
      `https://a.example/${index % 1999 === 0 ? 'RARE' : `kind ${index % 2}`}`,
      `https://${index % 6000 === 0 ? 'few' : 'b'}.example/${index % 1777 === 0 ? 'second' : 'other'}`,
    ],
    clientName: index % 5000 === 0 ? 'seldom' : 'often',
    contentType: index % 4000 === 0 ? 'image/gif' : 'image/png',
    fileSizeBytes: index % 100,
  }));
  let database: EntriesDatabase;
  beforeAll(() => {
    database = new EntriesDatabase();
    database.addEntries(entries);
  });
  afterAll(() => database.dispose());

  const filters: EntryQuery['filter'][] = [
    {},
    { urlContains: 'kind 1' },
    { urlContains: 'rare' },
    { urlContains: 'second' },
    { urlContains: 'no such' },
    { urlContains: 'example', clientName: 'seldom' },
    { urlContains: 'rare', clientName: 'seldom' },
    { urlContains: 'rare', createdFrom: '002000', createdBefore: '009000' },
    { urlHost: 'few.example' },
    { urlHost: 'few.example', clientName: 'often', contentType: 'image/png' },
    { urlHost: 'a.example', createdBefore: '009000' },
    { clientNames: ['seldom', 'nobody'] },
    { contentTypes: ['image/gif', 'video/*'], createdFrom: '002000' },
    { createdFrom: '009900' },
  ];

  test.each(filters)('%j: each order, limit and start', async (filter = {}) => {
    for (const order of ORDERS) {
      const after = { createdAt: '005000', fileSizeBytes: 50, contentHash: '15000' };
      for (const more of [{}, { limit: 5 }, { limit: 7, after }, { after }, { before: after }]) {
        const one: EntryQuery = { filter, order, ...more };
        expect(await searchUrls(database.connection, '', one, never)).toEqual(filtered(entries, one));
      }
    }
  });

  test('an abort ends it between two slices', async () => {
    const controller = new AbortController();
    const filter = { urlContains: 'no such' };
    const search = searchUrls(database.connection, '', { filter, order: 'NEWEST_FIRST' }, controller.signal);
    controller.abort(new Error('gone'));
    await expect(search).rejects.toThrow('gone');
  });
});

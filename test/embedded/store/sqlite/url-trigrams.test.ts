import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { searchUrls } from '#src/embedded/store/sqlite/url-search.js';
import type { EntryQuery } from '#src/services/entry-query.js';
import { randomRuns } from '../../../harness/repetitions.js';
import { EntriesDatabase } from '../../entries-database.js';

const never = new AbortController().signal;

describe('the search of URLs by trigrams', () => {
  // Behind so many others, what is looked for is found by the index.
  const MANY = 8100;
  const nasty = fc.string({
    unit: fc.constantFrom(
      ...'aAkKsS"\'%_*^-() ',
      'İ',
      'ı',
      'ß',
      'ſ',
      '\u212A',
      'e\u0301',
      '\u0301',
      'É',
      '😀',
      '\uFFFF',
    ),
    minLength: 3,
    maxLength: 9,
  });
  const long = nasty.map((some) => `${some}${'x'.repeat(20_000)}${some.toUpperCase()}`);
  const urls = fc.sample(fc.oneof({ weight: 20, arbitrary: nasty }, { weight: 1, arbitrary: long }), 1000);
  let database: EntriesDatabase;
  beforeAll(() => {
    database = new EntriesDatabase();
    const row = { clientName: 'c', contentType: 't' };
    database.addEntries([
      ...urls.map((url, index) => ({ ...row, contentHash: `${index}`, createdAt: 'a', urls: [url] })),
      ...Array.from({ length: MANY }, (_, index) => ({
        ...row,
        contentHash: `other ${index}`,
        createdAt: 'b',
        urls: [`other ${index}`],
      })),
    ]);
  });
  afterAll(() => database.dispose());

  /** As reading all URLs finds them. */
  function scanned(urlContains: string): unknown[] {
    return database.connection
      .prepare(
        `select created_at as createdAt, content_hash as contentHash from entries
         where content_hash in (select content_hash from entry_urls where instr(lower(url), lower(?)) > 0)
         order by created_at desc, content_hash`,
      )
      .all(urlContains);
  }

  /** A part of a URL, with the case of its letters as it is or another. */
  const part = fc
    .record({ url: fc.constantFrom(...urls), start: fc.nat(8), end: fc.nat(8), change: fc.nat(2) })
    .map(({ url, start, end, change }) => {
      const cut = [...url].slice(start, url.length - end).join('');
      return [cut, cut.toUpperCase(), cut.toLowerCase()][change]!;
    });

  test('finds what reading all URLs finds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(part, nasty), async (urlContains) => {
        const one: EntryQuery = { order: 'NEWEST_FIRST', filter: { urlContains } };
        expect(await searchUrls(database.connection, '', one, never)).toEqual(scanned(urlContains));
      }),
      { numRuns: randomRuns(100) },
    );
  });

  test('reads no URLs that have none of them', async () => {
    const without = new EntriesDatabase();
    without.addEntries(
      Array.from({ length: MANY }, (_, index) => ({
        clientName: 'c',
        contentType: 't',
        contentHash: `${index}`,
        createdAt: `${index}`,
        urls: [index === 0 ? 'needle' : 'other'],
      })),
    );
    without.connection.exec(
      "insert into url_trigrams (url_trigrams, rowid, url) values ('delete', 1, 'needle')",
    );
    const find = (urlContains: string) =>
      searchUrls(without.connection, '', { order: 'NEWEST_FIRST', filter: { urlContains } }, never);
    expect(await find('needle')).toEqual([]);
    expect(await find('ne')).toHaveLength(1);
    without.dispose();
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyQuery } from '#src/remote/imgcache/entry-query.js';
import type { Entry } from '#src/services/entry.js';
import type { EntryQuery } from '#src/services/entry-query.js';

const template: Entry = {
  contentHash: '',
  url: 'https://a.example/',
  contentType: 'image/png',
  fileSizeBytes: 1,
  originalFilename: null,
  width: null,
  height: null,
  perceptualHash: null,
  clientName: 'client',
  lookupTime: '2024-01-01T00:00:00.000000Z',
  createdAt: '2024-01-01T00:00:00.000000Z',
};

const entries = fc
  .uniqueArray(fc.tuple(fc.nat(3), fc.nat(50), fc.nat(2)), { selector: ([, hash]) => hash })
  .map((rows) =>
    rows.map(([second, hash, fileSizeBytes]) => ({
      ...template,
      fileSizeBytes,
      createdAt: `2024-01-01T00:00:0${second}.000000Z`,
      contentHash: String(hash).padStart(64, '0'),
    })),
  );

const order = fc.constantFrom<EntryQuery['order'][]>(
  'NEWEST_FIRST',
  'OLDEST_FIRST',
  'LARGEST_FIRST',
  'SMALLEST_FIRST',
);

it('gives the same page by page as all at once, each entry once', () => {
  fc.assert(
    fc.property(entries, order, fc.integer({ min: 1, max: 5 }), (all, order, limit) => {
      const paged: Entry[] = [];
      for (;;) {
        const last = paged.at(-1);
        const page = applyQuery(all, { order, limit, ...(last && { after: last }) });
        paged.push(...page);
        if (page.length < limit) break;
      }
      expect(paged).toEqual(applyQuery(all, { order }));
      expect(new Set(paged)).toEqual(new Set(all));
    }),
  );
});

it('has one order as the exact reverse of the other', () => {
  fc.assert(
    fc.property(entries, (all) => {
      const newest = applyQuery(all, { order: 'NEWEST_FIRST' });
      expect(applyQuery(all, { order: 'OLDEST_FIRST' })).toEqual(newest.toReversed());
      const largest = applyQuery(all, { order: 'LARGEST_FIRST' });
      expect(applyQuery(all, { order: 'SMALLEST_FIRST' })).toEqual(largest.toReversed());
    }),
  );
});

it('finds a substring of the URL, ASCII letters in either case', () => {
  const entry = { ...template, url: 'https://b.example/Ä' };
  const find = (urlContains: string) =>
    applyQuery([entry], { order: 'NEWEST_FIRST', filter: { urlContains } });
  expect(find('B.EXAMPLE/Ä')).toEqual([entry]);
  expect(find('b.example/ä')).toEqual([]);
});

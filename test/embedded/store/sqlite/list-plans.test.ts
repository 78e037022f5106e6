import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { countEntries, listClients } from '#src/embedded/store/sqlite/counts.js';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { searchUrls } from '#src/embedded/store/sqlite/url-search.js';
import type { EntryOrder } from '#src/services/entry-order.js';
import type { EntryFilter } from '#src/services/entry-query.js';
import { addCollection } from '../contract/stores.js';

/** More than a search walks over before it asks an index of the filter. */
const COUNT = 10_000;

let folder: string;
let opened: OpenSqlite;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-plans-'));
  opened = await openSqliteStore(join(folder, 'lookalike.db'));
  const { connection, store } = opened;
  const numbers = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${COUNT})`;
  const row = `printf('%064x', i), 'https://h' || (i % 7) || '.example/' || i`;
  const times = `'c', 't', printf('2024-01-01T00:00:00.%06dZ', i)`;
  connection.exec(`
    insert into entries (content_hash, url, content_type, file_size_bytes, width, height, client_name, lookup_time,
      created_at, hash0, hash1, hash2, hash3)
    ${numbers} select ${row}, 'image/png', i, 1, 1, ${times}, 1, 2, 3, 4 from n;
    insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
    ${numbers} select ${row}, i, ${times} from n;`);
  await addCollection(store, 'c');
  connection.exec(`
    insert into images (collection_id, image_id, content_hash, image_time, descriptor_version, descriptor)
    ${numbers} select 'c', i, printf('%064x', i), printf('2024-01-01T00:00:00.%06dZ', i), 1, x'00' from n`);
});

afterAll(async () => {
  await opened.close();
  rmSync(folder, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());

/** The plans of all statements that the work prepares on any connection, for the tables of rows. */
async function plansOf(work: () => unknown): Promise<string[]> {
  const prepare = vi.spyOn(Database.prototype, 'prepare');
  await work();
  const statements = prepare.mock.calls.map(([sql]) => sql).filter((sql) => /\b(entries|images)\b/.test(sql));
  vi.restoreAllMocks();
  expect(statements).not.toEqual([]);
  return statements.map((sql) => {
    const steps = opened.connection.prepare(`explain query plan ${sql}`).all() as { detail: string }[];
    return steps.map(({ detail }) => detail).join('\n');
  });
}

const place = {
  createdAt: '2024-01-01T00:00:00.005000Z',
  fileSizeBytes: 5000,
  contentHash: 'f'.repeat(64),
};
const ORDERS: [EntryOrder, string][] = [
  ['NEWEST_FIRST', 'entries_created'],
  ['OLDEST_FIRST', 'entries_created'],
  ['LARGEST_FIRST', 'entries_size'],
  ['SMALLEST_FIRST', 'entries_size'],
];

it.each(ORDERS)('a page in the order %s is read off %s', async (order, index) => {
  // Other limits than any test before, so that nothing is prepared already.
  const [first] = await plansOf(() => opened.store.entries.list({ order, limit: 3 }));
  expect(first).toMatch(new RegExp(`^SEARCH entries USING INDEX ${index} \\(bucket=\\?\\)`));
  expect(first).not.toMatch(/TEMP B-TREE/);
  for (const bounds of [{ after: place }, { before: place }, { after: place, before: place }]) {
    const [plan] = await plansOf(() => opened.store.entries.list({ order, limit: 3, ...bounds }));
    expect(plan).toMatch(new RegExp(`^SEARCH entries USING INDEX ${index} \\(bucket=\\? AND .+[<>]`));
    expect(plan).not.toMatch(/TEMP B-TREE/);
  }
});

const RARE: [EntryFilter, string][] = [
  [{ clientNames: ['nobody', 'none'] }, 'entries_client'],
  [{ contentTypes: ['video/*', 'text/plain'] }, 'entries_type'],
  [{ minWidth: 5000 }, 'entries_width'],
  [{ minHeight: 5000 }, 'entries_height'],
  [{ hasPerceptualHash: false }, 'entries_hash0'],
  [{ prefix: 'nowhere' }, 'entries_prefix'],
  [{ urlHost: 'nowhere.example' }, 'entry_urls_host'],
];

it.each(RARE)('what few meet is found off an index: %j by %s', async (filter, index) => {
  for (const [order, walked] of ORDERS) {
    const plans = await plansOf(() => searchUrls(opened.connection, '', { filter, order, limit: 10 }));
    // The slices are walked in the order; then the few are looked up and sorted.
    expect(plans[0]).toMatch(new RegExp(`USING COVERING INDEX ${walked}\\b`));
    expect(plans.some((plan) => plan.includes(`${index} (bucket=? AND `))).toBe(true);
    expect(plans.at(-1)).toMatch(
      /SEARCH entries USING INDEX entries_content \(content_hash=\? AND bucket=\?\)/,
    );
    for (const plan of plans) expect(plan).not.toMatch(/^SCAN (entries|entry_urls)(?! USING)/m);
  }
});

it('what most meet is not looked up, beside what few do and while the order is walked', async () => {
  const filter = { clientName: 'c', contentType: 'image/png', minWidth: 1, urlHost: 'nowhere.example' };
  for (const [order, walked] of ORDERS) {
    const plans = await plansOf(() => searchUrls(opened.connection, '', { filter, order, limit: 10 }));
    expect(plans[1]).toMatch(new RegExp(`^SEARCH entries USING INDEX ${walked} \\(`));
    expect(plans.at(-1)).toMatch(
      /^SEARCH entries USING INDEX entries_content \(content_hash=\? AND bucket=\?\)/,
    );
  }
});

it.each([
  [{ clientName: 'c' }, 'entries_client'],
  [{ contentType: 'image/png' }, 'entries_type'],
  [{ minWidth: 1 }, 'entries_width'],
  [{ createdFrom: place.createdAt }, 'entries_created'],
] satisfies [EntryFilter, string][])(
  'what one condition selects is counted off its index: %j',
  async (filter, index) => {
    const [plan] = await plansOf(() => countEntries(opened.connection, '', filter));
    expect(plan).toMatch(new RegExp(`^SEARCH entries USING (COVERING )?INDEX ${index} \\(bucket=\\? AND `));
  },
);

it('clients are counted off their index', async () => {
  const [plan] = await plansOf(() => listClients(opened.connection, '', { startsWith: 'c', limit: 5 }));
  expect(plan).toMatch(/^SEARCH entries USING COVERING INDEX entries_client \(bucket=\? AND /);
});

it.each(['NEWEST_FIRST', 'OLDEST_FIRST'] as const)(
  'a page of images, %s, is read off its index',
  async (order) => {
    const at = { imageTime: place.createdAt, imageId: '5000' };
    for (const bounds of [{}, { after: at }, { before: at }, { after: at, before: at }]) {
      const [plan] = await plansOf(() => opened.store.images.list('c', { order, limit: 3, ...bounds }));
      expect(plan).toMatch(/^SEARCH images USING INDEX images_newest \(collection_id=\?/);
      expect(plan).not.toMatch(/TEMP B-TREE/);
    }
  },
);

/** What is read by key reads that key: a bucket says little, though SQLite takes it for a few rows. */
it.each([
  ['find', (hash) => opened.store.entries.find([hash]), /entries_content \(content_hash=\? AND bucket=\?\)/],
  ['findBySeq', () => opened.store.entries.findBySeq([1]), /INTEGER PRIMARY KEY \(rowid=\?\)/],
  ['findByUrl', (hash) => opened.store.entries.findByUrl([hash]), /entry_urls_hash \(url_hash=\?\)/],
  ['countUrls', (hash) => opened.store.entries.countUrls([hash], 3), /entries_content \(content_hash=\?\)/],
  ['delete', (hash) => opened.store.entries.delete(hash), /entries_content \(content_hash=\?/],
  ['find in all', (hash) => opened.store.buckets.find(hash), /entries_content \(content_hash=\?\)/],
] satisfies [string, (hash: string) => unknown, RegExp][])('by key is read: %s', async (_, read, index) => {
  // Prepared on a connection of its own, so that nothing is prepared already.
  const [plan] = await plansOf(() => read('f'.repeat(64)));
  expect(plan).toMatch(index);
  expect(plan).not.toMatch(/^SCAN (entries|entry_urls)/m);
});

it('each bucket is found by one step, and each prefix', async () => {
  for (const list of [() => opened.store.buckets.list(), () => opened.store.entries.listPrefixes()]) {
    const [plan] = await plansOf(list);
    expect(plan).not.toMatch(/SCAN entries/);
    expect(plan).toMatch(/SEARCH entries USING COVERING INDEX entries_/);
  }
});

import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Entry } from '#src/services/entry.js';
import { collect } from '../contract/imgcache-contract-bench.js';
import { tinyPicture } from '../fakes/tiny-picture.js';
import { openTestEngine, type TestEngine } from '../harness/engine.js';

const MANY = 999;
const HASH = '0123456789abcdef';
const SITE = 'https://x.example/';

/** The statements of this thread, on any connection. */
const statements: { all(): unknown[]; get(): unknown } = Object.getPrototypeOf(
  new Database(':memory:').prepare('select 1'),
);

describe('An entry that was stored under very many URLs', () => {
  let engine: TestEngine;
  let entry: Entry;

  const urlOf = (i: number) => `${SITE}${i}`;
  const bytes = tinyPicture(HASH);

  async function store(url: string) {
    await using staged = await engine.stage(Buffer.from(bytes));
    return await engine.imgcache.store(staged, { url, clientName: 'test' });
  }

  /** One by one, their commits would take seconds. */
  function addUrls(): void {
    const database = new Database(join(engine.dataDir, 'lookalike.db'));
    database.exec(
      `insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
       with recursive numbers(n) as (select 2 union all select n + 1 from numbers where n < ${MANY})
       select '${entry.contentHash}', '${SITE}' || n, n, 'test', 'now', 'now' from numbers`,
    );
    database.close();
  }

  beforeAll(async () => {
    engine = await openTestEngine();
    ({ entry } = await store(urlOf(1)));
    addUrls();
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => engine.close());

  /** How many rows of the database the work is given. */
  async function rowsReadBy(work: () => Promise<unknown>): Promise<number> {
    const all = vi.spyOn(statements, 'all');
    const get = vi.spyOn(statements, 'get');
    await work();
    const lists = all.mock.results.map(({ value }) => value as unknown[]);
    const single = get.mock.results.filter(({ value }) => value !== undefined);
    vi.restoreAllMocks();
    return lists.reduce((sum, rows) => sum + rows.length, single.length);
  }

  const query = { perceptualHash: HASH, maxHammingDistance: 4, limit: 10 };
  const reads: [string, rows: number, read: () => Promise<unknown>][] = [
    ['by its content hash', 1, () => engine.imgcache.getMeta([entry.contentHash])],
    ['by one of its URLs', 2, () => engine.imgcache.lookup([entry.url])],
    ['in a list', 1, () => collect(engine.imgcache.search({ order: 'NEWEST_FIRST' }))],
    ['as a look-alike', 2, () => collect(engine.imgcache.similar(query))],
    ['as a look-alike of several', 2, () => engine.imgcache.similarToEach!([query])],
  ];
  it.each(reads)('is read %s without them', async (_, rows, read) => {
    expect(await rowsReadBy(read)).toBe(rows);
  });

  it('says all of them when it is asked for them, the first one first', async () => {
    const [urls, none] = await engine.imgcache.getUrls([entry.contentHash, 'f'.repeat(64)]);
    expect(urls).toEqual(Array.from({ length: MANY }, (_, i) => urlOf(i + 1)));
    expect(none).toEqual([]);
  });

  it('is known to have many without a look at them all', async () => {
    const [known] = await engine.imgcache.getMeta([entry.contentHash]);
    expect(known!.urls).toBeNull();
    let few: unknown;
    const ask = async () => {
      few = await engine.imgcache.getFewUrls([known!, known!], MANY - 1);
    };
    expect(await rowsReadBy(ask)).toBe(1);
    expect(few).toEqual([null, null]);
    expect(await engine.imgcache.getFewUrls([known!], MANY)).toEqual(
      await engine.imgcache.getUrls([entry.contentHash]),
    );
  });

  it('takes one more without a look at the others', async () => {
    const statuses: string[] = [];
    const more = async (url: string) => statuses.push((await store(url)).status);
    const added = await rowsReadBy(() => more(urlOf(MANY + 1)));
    const unchanged = await rowsReadBy(() => more(urlOf(MANY + 1)));
    expect(statuses).toEqual(['URL_ADDED', 'UNCHANGED']);
    // The entry before and after, and what is new.
    expect([added, unchanged]).toEqual([3, 2]);
  });
});

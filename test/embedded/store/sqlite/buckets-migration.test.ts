import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';
import { searchUrls } from '#src/embedded/store/sqlite/url-search.js';
import type { Entry } from '#src/services/entry.js';
import { selectEntries } from '../../../fakes/memory-imgcache.js';
import { createDatabaseBeforeBuckets, readOldColumns } from '../../../harness/database-before-buckets.js';
import { hashOf, insert, newEntry } from '../contract/stores.js';

const COUNT = 300;

describe('A database of before there were buckets', () => {
  let folder: string;
  let path: string;
  let before: Record<string, unknown>;
  let opened: OpenSqlite;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lookalike-before-buckets-'));
    path = join(folder, 'lookalike.db');
    await createDatabaseBeforeBuckets(path, COUNT);
    before = readOldColumns(path);
    opened = await openSqliteStore(path);
  });
  afterAll(async () => {
    await opened.close();
    rmSync(folder, { recursive: true });
  });

  it('keeps every row, with its number, and all that searches read', () => {
    expect(before).toMatchObject({ counted: [{ seq: COUNT }, { seq: expect.any(Number) }] });
    expect(readOldColumns(path)).toEqual(before);
    expect(opened.connection.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    /** It throws when index and table differ in anything. */
    opened.connection.exec("insert into url_trigrams (url_trigrams, rank) values ('integrity-check', 1)");
  });

  it('has all of its entries in the bucket of calls that name none, and nothing noted of them', async () => {
    const { store } = opened;
    const [entry] = (await store.entries.find([hashOf(0)])).values();
    expect(entry).toMatchObject({ contentHash: hashOf(0), prefix: null, meta: null, retrievedAt: null });
    expect(entry).not.toHaveProperty('bucket');
    expect(await store.buckets.list()).toEqual(['']);
    expect(await store.blobs.findBlake3([hashOf(0)])).toEqual(new Map());
    expect(await store.blobs.listWithoutBlake3('', COUNT)).toHaveLength(COUNT - 4);
  });

  it('is searched as it was', async () => {
    const { store, connection } = opened;
    const hashes = Array.from({ length: COUNT }, (_, number) => hashOf(number));
    const urls = await store.entries.findUrls(hashes);
    const all = [...(await store.entries.find(hashes)).values()].map((entry: Entry) => ({
      entry,
      urls: urls.get(entry.contentHash)!,
    }));
    expect(all).toHaveLength(COUNT - 4);
    for (const filter of [
      { urlContains: '/1/' },
      { urlContains: '.EXAMPLE/1' },
      { urlHost: 'b.example' },
      { urlHost: 'é.example', clientName: 'client 2' },
      { hasPerceptualHash: false },
    ]) {
      const query = { filter, order: 'NEWEST_FIRST' } as const;
      const found = await searchUrls(connection, '', query);
      expect(found.length).toBeGreaterThan(0);
      expect(found.map(({ contentHash }) => contentHash)).toEqual(
        selectEntries(all, query).map(({ entry }) => entry.contentHash),
      );
    }
  });

  it('gives no number twice, and keeps its URLs in the index of trigrams', async () => {
    const { store, connection } = opened;
    const { entry } = await insert(store, newEntry(COUNT + 1, { url: 'https://new.example/' }));
    await insert(store, newEntry(COUNT - 1));
    const seqs = connection.prepare('select seq from entries order by seq desc limit 2').all();
    expect(seqs).toEqual([{ seq: COUNT + 2 }, { seq: COUNT + 1 }]);
    expect(await store.entries.findByUrl(['https://new.example/'])).toEqual(new Map([[entry.url, entry]]));
    await store.entries.delete(hashOf(0));
    connection.exec("insert into url_trigrams (url_trigrams, rank) values ('integrity-check', 1)");
  });
});

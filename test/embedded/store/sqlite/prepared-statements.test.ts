import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type OpenSqlite, openSqliteStore } from '#src/embedded/store/sqlite/open.js';

const ENTRIES = 100;
const hash = (i: number) => i.toString(16).padStart(64, '0');
const url = (i: number) => `https://x.example/${i}`;

describe('Pages of 1 to 100 keys prepare few statements', () => {
  let folder: string;
  let sqlite: OpenSqlite;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lookalike-statements-'));
    sqlite = await openSqliteStore(join(folder, 'lookalike.db'));
    for (let i = 0; i < ENTRIES; i++)
      await sqlite.store.entries.insert({
        contentHash: hash(i),
        url: url(i),
        contentType: 'image/png',
        fileSizeBytes: 1,
        originalFilename: null,
        width: 1,
        height: 1,
        perceptualHash: null,
        clientName: 'test',
      });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await sqlite.close();
    rmSync(folder, { recursive: true });
  });

  const upTo = <T>(count: number, keyOf: (i: number) => T) =>
    Array.from({ length: count }, (_, i) => keyOf(i));
  const reads: [string, (count: number) => Promise<unknown>][] = [
    ['entries', (count) => sqlite.store.entries.find(upTo(count, hash))],
    ['entries by seq', (count) => sqlite.store.entries.findBySeq(upTo(count, (i) => i + 1))],
    ['URLs of entries', (count) => sqlite.store.entries.findUrls(upTo(count, hash))],
    ['entries by URL', (count) => sqlite.store.entries.findByUrl(upTo(count, url))],
    [
      'images',
      (count) => sqlite.store.images.find(upTo(count, (i) => ({ collectionId: 'c', imageId: url(i) }))),
    ],
    ['copies', (count) => sqlite.store.images.findByContentHash(upTo(count, hash), null, 10)],
    [
      'copies in collections',
      (count) => sqlite.store.images.findByContentHash([hash(1)], upTo(count, url), 10),
    ],
    ['collections', (count) => sqlite.store.collections.find(upTo(count, url))],
    ['newest images', (count) => sqlite.store.images.listNewest(upTo(count, url), 10)],
  ];

  it.each(reads)('for %s', async (_, read) => {
    const prepare = vi.spyOn(sqlite.connection, 'prepare');
    for (let count = 1; count <= ENTRIES; count++) await read(count);
    expect(prepare.mock.calls.length).toBeLessThan(30);
  });
});

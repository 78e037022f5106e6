import Database from 'libsql';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DESCRIPTOR_VERSION } from '#src/embedded/picture/descriptor.js';
import { CollectionIndex } from '#src/embedded/search/collection-index.js';
import { VisualSearch } from '#src/embedded/search/visual-search.js';
import { SqliteImageRows, SqliteImageSnapshot } from '#src/embedded/store/sqlite/image-rows.js';
import { openReadOnly } from '#src/embedded/store/sqlite/read-only.js';
import { lookAlike, picture } from '../../fakes/pictures.js';
import { openTestEngine, type TestEngine } from '../../harness/engine.js';

const statements: { all(): unknown } = Object.getPrototypeOf(new Database(':memory:').prepare('select 1'));
const { signal } = new AbortController();

describe('Searching by many images of collections', () => {
  let engine: TestEngine;
  let collectionIds: string[];
  let database: Database.Database;
  let search: VisualSearch;

  beforeAll(async () => {
    engine = await openTestEngine();
    const { collection } = await engine.visualsnoop.createCollection({ name: 'other' });
    collectionIds = [engine.defaultCollection!.collection.collectionId, collection.collectionId];
    const bytes = await Promise.all([0, 0, 1, 2, 5].map(lookAlike));
    bytes.push(...(await Promise.all([1, 2, 3].map(picture))));
    for (const collectionId of collectionIds) {
      for (const [i, each] of bytes.entries()) {
        await using image = await engine.stage(each);
        await engine.visualsnoop.addImage(collectionId, image, { imageId: String(i) });
      }
    }
    database = openReadOnly(`${engine.dataDir}/lookalike.db`);
    search = new VisualSearch(new SqliteImageRows(database, DESCRIPTOR_VERSION));
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    database.close();
    await engine.close();
  });

  const keysOf = (collectionId: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({ collectionId, imageId: String(i) }));

  it('answers each with what it alone finds, and null where there is no such image', async () => {
    const nowhere = { collectionId: 'ffffffff', imageId: '0' };
    const keys = [...collectionIds.flatMap((id) => keysOf(id, 10)).reverse(), nowhere];
    for (const limit of [1, 2, 100]) {
      const together = await search.byIds([...keys, ...keys], { limit }, signal);
      const alone = [];
      for (const key of keys) alone.push(...(await search.byIds([key], { limit }, signal)));
      expect(together).toEqual([...alone, ...alone]);
      expect(together.filter((matches) => matches === null)).toHaveLength(2 * 5);
      expect(together.filter((matches) => matches?.length)).toHaveLength(2 * 10);
      expect(await engine.visualsnoop.searchByIds!(keys, { limit })).toEqual(alone);
    }
  });

  it('goes in slices where the collection is large', async () => {
    const keys = collectionIds.flatMap((id) => keysOf(id, 8));
    const expected = await search.byIds(keys, { limit: 100 }, signal);
    vi.spyOn(CollectionIndex.prototype, 'size', 'get').mockReturnValue(200_000);
    const rank = vi.spyOn(SqliteImageSnapshot.prototype, 'identical');
    expect(await search.byIds(keys, { limit: 100 }, signal)).toEqual(expected);
    expect(rank.mock.calls.map(([, contentHashes]) => contentHashes.length)).toEqual(Array(8).fill(2));
  });

  it('ends between two slices when nobody waits any more', async () => {
    vi.spyOn(CollectionIndex.prototype, 'size', 'get').mockReturnValue(200_000);
    const rank = vi.spyOn(SqliteImageSnapshot.prototype, 'identical');
    const controller = new AbortController();
    const searching = search.byIds(keysOf(collectionIds[0]!, 8), { limit: 100 }, controller.signal);
    setImmediate(() => controller.abort());
    await expect(searching).rejects.toThrow('aborted');
    expect(rank.mock.calls.length).toBeLessThan(3);
  });

  it('reads as much for one image as for a page of them', async () => {
    const [collectionId] = collectionIds;
    await search.byIds(keysOf(collectionId!, 1), { limit: 10 }, signal);
    const counts = [];
    for (const count of [1, 2, 8]) {
      const all = vi.spyOn(statements, 'all');
      await search.byIds(keysOf(collectionId!, count), { limit: 10 }, signal);
      counts.push(all.mock.calls.length);
      all.mockRestore();
    }
    expect(counts).toEqual([5, 5, 5]);
  });
});

import { setImmediate } from 'node:timers/promises';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EntryHashes } from '#src/embedded/search/entry-hashes.js';
import { SqliteHashRows } from '#src/embedded/store/sqlite/hash-rows.js';
import type { HashChunks } from '#src/services/hamming-distance.js';
import { EntriesDatabase } from '../entries-database.js';
import { bruteForce, listed, random, within } from '../hashes.js';

const statements: { all(): unknown } = Object.getPrototypeOf(new Database(':memory:').prepare('select 1'));
const { signal } = new AbortController();

describe('the hashes of entries', () => {
  const next = random(5);
  const chunk = () => Math.floor(next() * 0x10000);
  let database: EntriesDatabase;
  let entries: Map<number, HashChunks>;
  let hashes: EntryHashes;

  beforeEach(() => {
    database = new EntriesDatabase();
    const all = Array.from({ length: 30_000 }, (): HashChunks => [chunk(), chunk(), chunk(), chunk()]);
    entries = new Map(database.addHashes(all).map((seq, i) => [seq, all[i]!]));
    hashes = new EntryHashes(new SqliteHashRows(database.connection));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    database.dispose();
  });

  const QUERIED = 1500;
  /** So many that it takes several slices. */
  const manyQueries = (count = QUERIED) =>
    Array.from({ length: count }, (_, i) => within(18, entries.get(1 + (i % QUERIED))!));

  test('read what is new once, for one query and for very many', async () => {
    await hashes.search('', [], signal);
    for (const queries of [[within(0, [0, 0, 0, 0])], manyQueries()]) {
      const all = vi.spyOn(statements, 'all');
      await hashes.search('', queries, signal);
      expect(all).toHaveBeenCalledTimes(2);
      all.mockRestore();
    }
  });

  test('tell how far they are while they are read for the first time, and then no more', async () => {
    const told: unknown[] = [];
    const reported = new EntryHashes(new SqliteHashRows(database.connection), (progress) =>
      told.push(progress),
    );
    await reported.search('', [], signal);
    const reads = Array.from({ length: 60 }, (_, i) => ({ read: 500 * (i + 1), done: false }));
    // The last read finds nothing more.
    expect(told).toEqual([...reads, { read: 30_000, done: true }]);
    database.addHashes([[1, 2, 3, 4]]);
    await reported.search('', [], signal);
    expect(told).toHaveLength(61);
  });

  test('let others have their turn in the midst of very many queries, and stay right', async () => {
    await hashes.search('', [], signal);
    // Of more slices than it takes to read what is gone.
    const queries = manyQueries(40 * QUERIED);
    const found = vi.fn();
    const searching = hashes.search('', queries, signal).finally(found);
    // The first slice is done then, and the second waits for its turn.
    await setImmediate();
    // More than half of all, so that the rest is moved together between two slices.
    const gone = [...entries.keys()].filter((seq) => seq > QUERIED && seq % 3 !== 0);
    database.deleteSeqs(gone);
    await hashes.search('', [], signal);
    expect(found).not.toHaveBeenCalled();
    const answers = await searching;
    for (const seq of gone) entries.delete(seq);
    for (let i = 0; i < queries.length; i += 1001) {
      const kept = listed(answers[i]!).filter((text) => entries.has(Number(text.split(' ')[1])));
      expect(kept).toEqual(bruteForce(entries, queries[i]!));
    }
  });

  test('end in the midst of very many queries when nobody waits any more', async () => {
    await hashes.search('', [], signal);
    const controller = new AbortController();
    const searching = hashes.search('', manyQueries(), controller.signal);
    controller.abort();
    await expect(searching).rejects.toThrow('aborted');
  });
});

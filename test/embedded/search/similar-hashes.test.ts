import { afterAll, afterEach, beforeAll, describe, expect, type Mock, test, vi } from 'vitest';
import type { HashQuery } from '#src/embedded/search/hash-matches.js';
import { ReaderThread } from '#src/embedded/search/reader-thread.js';
import { type HashScan, SimilarHashes } from '#src/embedded/search/similar-hashes.js';
import { SqliteHashIndex } from '#src/embedded/store/sqlite/hash-index.js';
import type { HashChunks } from '#src/services/hamming-distance.js';
import { EntriesDatabase } from '../entries-database.js';
import { bruteForce, listed, near, photographHash, random, within } from '../hashes.js';

const ZEROS: HashChunks = [0, 0, 0, 0];
const ONES: HashChunks = [0xffff, 0xffff, 0xffff, 0xffff];

async function found(similar: SimilarHashes, query: HashQuery): Promise<string[]> {
  return (await similar.search('', [query])).flatMap(listed);
}

describe('over skewed hashes', () => {
  const next = random(3);
  const entries = new Map<number, HashChunks>();
  let database: EntriesDatabase;
  let reader: ReaderThread;
  let probes: SqliteHashIndex;
  /** One that has met no excess yet, so that it probes. */
  const planner = () => new SimilarHashes(probes, reader);
  const add = (hashes: readonly HashChunks[]) => {
    database.addHashes(hashes).forEach((seq, index) => {
      entries.set(seq, hashes[index]!);
    });
  };

  beforeAll(() => {
    database = new EntriesDatabase();
    reader = new ReaderThread({ kind: 'SQLITE', path: database.path });
    probes = new SqliteHashIndex(database.connection);
    const photographs = Array.from({ length: 4000 }, () => photographHash(next));
    add(photographs);
    add(photographs.slice(0, 500).map((hash, index) => near(hash, index % 13, next)));
    add(Array.from({ length: 3000 }, () => ZEROS));
    add(Array.from({ length: 300 }, () => ONES));
    add(Array.from({ length: 300 }, (_, index) => near(ZEROS, index % 10, next)));
    database.addHashes([null, null]);
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await reader.close();
    database.dispose();
  });

  const queries: [string, () => HashChunks][] = [
    ['of a stored hash', () => entries.get(17)!],
    ['near a stored hash', () => near(entries.get(17)!, 3, next)],
    ['of a hash like no other', () => photographHash(next)],
    ['in the giant bucket', () => ZEROS],
    ['near the giant bucket', () => [0, 0, 1, 0]],
    ['of all ones', () => ONES],
  ];

  test.each(queries)('a search %s finds what brute force finds, at all radii', async (_, query) => {
    const hash = query();
    for (let radius = 0; radius <= 64; radius++) {
      const expected = [bruteForce(entries, within(radius, hash))];
      expect((await planner().search('', [within(radius, hash)])).map(listed)).toEqual(expected);
      expect((await reader.scanHashes('', [within(radius, hash)])).map(listed)).toEqual(expected);
    }
  });

  test.each([0, 3, 4, 5, 20])(
    'searches together find what each finds alone, at radius %i',
    async (radius) => {
      const alike = Array.from({ length: 30 }, (_, i) => near(entries.get(i + 1)!, i % 5, next));
      for (const hashes of [alike, [...alike, ZEROS]]) {
        const queries = hashes.map((hash, i) => ({
          hash,
          radius,
          limit: i % 3 ? i : Number.POSITIVE_INFINITY,
        }));
        const found = (await planner().search('', queries)).map(listed);
        expect(found).toEqual(queries.map((query) => bruteForce(entries, query)));
        const alone = await Promise.all(queries.map((query) => planner().search('', [query])));
        expect(alone.flat().map(listed)).toEqual(found);
      }
    },
  );

  test('a limit keeps the nearest, and the oldest of those equally far', async () => {
    for (const limit of [0, 1, 5, 299, 3000, 3001, 10_000]) {
      for (const radius of [0, 3, 30, 64]) {
        const queries = [ZEROS, ONES, entries.get(17)!].map((hash) => ({ hash, radius, limit }));
        const expected = queries.map((query) => bruteForce(entries, query));
        expect((await planner().search('', queries)).map(listed)).toEqual(expected);
        expect((await reader.scanHashes('', queries)).map(listed)).toEqual(expected);
      }
    }
  });

  test('searches of different radii are one scan', async () => {
    const scan = vi.spyOn(reader, 'scanHashes');
    const queries = [0, 4, 12].map((radius) => within(radius, entries.get(17)!));
    const found = await planner().search('', queries);
    expect(found.map(listed)).toEqual(queries.map((query) => bruteForce(entries, query)));
    expect(scan).toHaveBeenCalledOnce();
  });

  test('probes answer small radii without the scan', async () => {
    const scan = vi.spyOn(reader, 'scanHashes');
    expect(await found(planner(), within(4, entries.get(17)!))).toContain('0 17');
    expect(scan).not.toHaveBeenCalled();
  });

  test('a bucket with more candidates than the budget is left to the scan', async () => {
    const scan = vi.spyOn(reader, 'scanHashes');
    expect((await found(planner(), within(0, ZEROS))).length).toBeGreaterThanOrEqual(3000);
    expect(scan).toHaveBeenCalledOnce();
  });

  test('an excess makes the next searches scan at once, and probes come back later', async () => {
    const similar = planner();
    await similar.search('', [within(0, ZEROS)]);
    const probe = vi.spyOn(probes, 'candidates');
    for (let n = 0; n < 100; n++) await similar.search('', [within(0, entries.get(17)!)]);
    expect(probe).not.toHaveBeenCalled();
    expect(await found(similar, within(0, entries.get(17)!))).toContain('0 17');
    expect(probe).toHaveBeenCalledOnce();
  });

  test('what was added a moment ago is found, what was deleted is not, by both plans', async () => {
    for (let round = 0; round < 30; round++) {
      const known = [...entries.keys()];
      const gone = Array.from({ length: 20 }, () => known[Math.floor(next() * known.length)]!);
      const query = round % 3 === 0 ? ZEROS : photographHash(next);
      add([query, near(query, 2, next), near(query, 6, next)]);
      database.deleteSeqs([...new Set(gone)]);
      for (const seq of gone) entries.delete(seq);
      for (const radius of [4, 8, 20]) {
        const queries = [within(radius, query), { hash: query, radius, limit: 2 }];
        const expected = queries.map((each) => bruteForce(entries, each));
        expect((await planner().search('', queries)).map(listed)).toEqual(expected);
        expect((await reader.scanHashes('', queries)).map(listed)).toEqual(expected);
      }
    }
  });

  test('what is added and deleted again between two scans is not found', async () => {
    await reader.scanHashes('', [within(0, ONES)]);
    const [seq] = database.addHashes([ONES]);
    database.deleteSeqs([seq!]);
    expect((await reader.scanHashes('', [within(0, ONES)]))[0]!.seqs).not.toContain(seq);
  });
});

describe('over hashes of which very many share a chunk', () => {
  const next = random(4);
  const chunk = () => Math.floor(next() * 0x10000);
  const entries = new Map<number, HashChunks>();
  let database: EntriesDatabase;
  let scan: { scanHashes: Mock<HashScan['scanHashes']> };

  beforeAll(() => {
    database = new EntriesDatabase();
    // Each of the four chunks is the same in 1,500 of them.
    const hashes = Array.from({ length: 6000 }, (_, i): HashChunks => {
      const hash: [number, number, number, number] = [chunk(), chunk(), chunk(), chunk()];
      hash[i % 4] = 0x1234;
      return hash;
    });
    hashes.push(...Array.from({ length: 200 }, (_, i) => near(hashes[i]!, i % 7, next)));
    for (const [i, seq] of database.addHashes(hashes).entries()) entries.set(seq, hashes[i]!);
    scan = { scanHashes: vi.fn(async () => []) };
  });
  afterAll(() => database.dispose());

  test('searches up to radius 4 find what brute force finds, without a scan', async () => {
    const similar = new SimilarHashes(new SqliteHashIndex(database.connection), scan);
    for (let n = 0; n < 300; n++) {
      const query = near(entries.get(1 + (n % 200))!, n % 3, next);
      for (const radius of [0, 1, 2, 3, 4])
        expect(await found(similar, within(radius, query))).toEqual(
          bruteForce(entries, within(radius, query)),
        );
    }
    expect(scan.scanHashes).not.toHaveBeenCalled();
  });

  test('a page of searches that would take too many probes is left to the scan', async () => {
    const similar = new SimilarHashes(new SqliteHashIndex(database.connection), scan);
    const queries = Array.from({ length: 50 }, (_, i) => within(4, entries.get(i + 1)!));
    await similar.search('', queries);
    expect(scan.scanHashes).toHaveBeenCalledOnce();
  });
});

test('the probes read covering indexes only', () => {
  const database = new EntriesDatabase();
  const prepare = vi.spyOn(database.connection, 'prepare');
  new SqliteHashIndex(database.connection);
  const [byChunks, byHalves] = prepare.mock.calls.map(([sql]) => sql);
  const plan = (sql: string, ...values: unknown[]) =>
    database.connection
      .prepare(`explain query plan ${sql}`)
      .all(...values)
      .map((step) => (step as { detail: string }).detail);
  const chunks = plan(byChunks!, '', '[]', '[]', '[]', '[]', 1);
  for (const chunk of [0, 1, 2, 3]) {
    expect(chunks).toContain(
      `SEARCH entries USING COVERING INDEX entries_hash${chunk} (bucket=? AND hash${chunk}=?)`,
    );
  }
  const halves = plan(byHalves!, '', '[]', '[]', 1).filter((detail) => detail.includes('entries'));
  expect(halves).toEqual([
    'SEARCH entries USING COVERING INDEX entries_hash0 (bucket=? AND hash0=? AND hash1=?)',
    'SEARCH entries USING COVERING INDEX entries_hash2 (bucket=? AND hash2=? AND hash3=?)',
  ]);
  database.dispose();
});

test('an aborted search does nothing', async () => {
  const scan: HashScan = { scanHashes: vi.fn() };
  const probes = { candidates: vi.fn() };
  const search = new SimilarHashes(probes, scan).search(
    '',
    [within(4, ZEROS)],
    AbortSignal.abort(new Error('gone')),
  );
  await expect(search).rejects.toThrow('gone');
  expect(probes.candidates).not.toHaveBeenCalled();
  expect(scan.scanHashes).not.toHaveBeenCalled();
});

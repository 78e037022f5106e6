import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { EntryHashes } from '#src/embedded/search/entry-hashes.js';
import type { HashQuery } from '#src/embedded/search/hash-matches.js';
import type { Changes, HashRow, HashRows, Position } from '#src/embedded/store/rows.js';
import type { HashChunks } from '#src/services/hamming-distance.js';
import { type State, UnorderedRows } from '../../fakes/unordered-rows.js';
import { until } from '../../harness/patience.js';
import { randomRuns } from '../../harness/repetitions.js';
import { bruteForce, listed, near, photographHash, random, within } from '../hashes.js';

const LIMIT = 7;
const { signal } = new AbortController();

/** Rows of hashes that are read after a while, in pages of a few. */
class SlowHashRows implements HashRows {
  readonly rows: UnorderedRows<HashChunks>;
  reading = 0;

  constructor(rows: UnorderedRows<HashChunks>) {
    this.rows = rows;
  }

  async changes(after: Position | null): Promise<Changes<HashRow>> {
    expect(++this.reading).toBe(1);
    await this.rows.pause();
    const { added, ...changes } = this.rows.changes(after, LIMIT);
    await this.rows.pause();
    this.reading--;
    return { ...changes, added: added.map(([seq, hash]) => [seq, '', ...hash]) };
  }
}

describe('the hashes of entries that several processes write', () => {
  it('are what brute force finds after any changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        const next = random(seed);
        const rows = new UnorderedRows<HashChunks>(next);
        const hashes = new EntryHashes(new SlowHashRows(rows));
        const centre = photographHash(next);
        for (let round = 0; round < 5; round++) {
          for (let step = 0; step < 30; step++) change(rows, centre, next);
          const queries = [within(64, centre), { hash: centre, radius: 6, limit: 4 }];
          const found = await hashes.search('', queries, signal);
          expect(found.map(listed)).toEqual(queries.map((query) => bruteForce(rows.now, query)));
        }
      }),
      { numRuns: randomRuns(200) },
    );
  });

  it('hold for each of many searches at a time all that was there when it began', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        const next = random(seed);
        const rows = new UnorderedRows<HashChunks>(next);
        const hashes = new EntryHashes(new SlowHashRows(rows));
        const centre = photographHash(next);
        const searches: Promise<void>[] = [];
        for (let step = 0; step < 60; step++) {
          change(rows, centre, next);
          if (next() < 0.4) searches.push(searchDuringChanges(rows, hashes, within(64, centre)));
          await rows.pause();
        }
        await Promise.all(searches);
        expect(searches.length).toBeGreaterThan(0);
      }),
      { numRuns: randomRuns(60) },
    );
  });

  it('are followed by one read for those who asked before it began, and by another for the others', async () => {
    const rows = new UnorderedRows<HashChunks>(() => 0);
    const slow = new SlowHashRows(rows);
    const changes = vi.spyOn(slow, 'changes');
    const hashes = new EntryHashes(slow);
    const search = () => hashes.search('', [within(0, [0, 0, 0, 0])], signal);
    const first = search();
    await until(() => changes.mock.calls.length === 1);
    const others = Promise.all([search(), search(), search()]);
    rows.set(5, [0, 0, 0, 0]);
    await first;
    expect((await others).map(([found]) => listed(found!))).toEqual([['0 5'], ['0 5'], ['0 5']]);
    expect(changes).toHaveBeenCalledTimes(2);
  });

  it('are read no further when nobody waits, and go on from there', async () => {
    const rows = new UnorderedRows<HashChunks>(() => 0);
    for (let seq = 1; seq <= 10 * LIMIT; seq++) rows.set(seq, [0, 0, 0, seq]);
    const slow = new SlowHashRows(rows);
    const controller = new AbortController();
    const readChanges = slow.changes.bind(slow);
    const changes = vi.spyOn(slow, 'changes').mockImplementation((after) => {
      if (changes.mock.calls.length === 3) controller.abort();
      return readChanges(after);
    });
    const hashes = new EntryHashes(slow);
    await expect(hashes.search('', [within(64, [0, 0, 0, 0])], controller.signal)).rejects.toThrow('aborted');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const read = changes.mock.calls.length;
    expect(read).toBe(3);
    const [found] = await hashes.search('', [within(64, [0, 0, 0, 0])], signal);
    expect(listed(found!)).toHaveLength(10 * LIMIT);
    // The ten pages, each once.
    expect(changes).toHaveBeenCalledTimes(10);
  });

  it('fail for those who asked when the database does, and are right for the next', async () => {
    const rows = new UnorderedRows<HashChunks>(() => 0);
    for (let seq = 1; seq <= 3 * LIMIT; seq++) rows.set(seq, [0, 0, 0, seq]);
    const slow = new SlowHashRows(rows);
    const hashes = new EntryHashes(slow);
    vi.spyOn(slow, 'changes').mockRejectedValueOnce(new Error('the connection is lost'));
    const search = () => hashes.search('', [within(64, [0, 0, 0, 0])], signal);
    const outcomes = await Promise.allSettled([search(), search()]);
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    const [found] = await search();
    expect(listed(found!)).toHaveLength(3 * LIMIT);
  });
});

/** One that only a few processes could make together: a row comes, with any seq, or changes, or goes, or all are others. */
function change(rows: UnorderedRows<HashChunks>, centre: HashChunks, next: () => number): void {
  const seqs = [...rows.now.keys()];
  const one = seqs[Math.floor(next() * seqs.length)];
  const hash = near(centre, Math.floor(next() * 8), next);
  const kind = next();
  if (kind < 0.02) rows.restore(new Map([...rows.now].filter(() => next() < 0.5)));
  else if (kind < 0.25 && one !== undefined) rows.delete(one);
  else if (kind < 0.35 && one !== undefined) rows.set(one, hash);
  else rows.set(unusedSeq(rows, next), hash);
}

const usedSeqs = new WeakMap<UnorderedRows<HashChunks>, Set<number>>();

function unusedSeq(rows: UnorderedRows<HashChunks>, next: () => number): number {
  const used = usedSeqs.get(rows) ?? new Set();
  usedSeqs.set(rows, used);
  for (;;) {
    const seq = 1 + Math.floor(next() * 100_000);
    if (used.has(seq)) continue;
    used.add(seq);
    return seq;
  }
}

/** Searches while others write: whatever it finds was there at some time of it, and what was there all the time it finds. */
async function searchDuringChanges(
  rows: UnorderedRows<HashChunks>,
  hashes: EntryHashes,
  query: HashQuery,
): Promise<void> {
  const found = (state: State<HashChunks>) => bruteForce(state, query);
  let always = new Set(found(rows.now));
  const ever = new Set(always);
  const told = rows.onState;
  const watch = (state: State<HashChunks>) => {
    told(state);
    const here = found(state);
    always = new Set(here.filter((match) => always.has(match)));
    for (const match of here) ever.add(match);
  };
  rows.onState = watch;
  const [matches] = await hashes.search('', [query], new AbortController().signal);
  const list = listed(matches!);
  expect([...always].filter((match) => !list.includes(match))).toEqual([]);
  expect(list.filter((match) => !ever.has(match))).toEqual([]);
}

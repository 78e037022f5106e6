import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HashQuery } from '#src/embedded/search/hash-matches.js';
import { PackedHashes } from '#src/embedded/search/packed-hashes.js';
import type { HashChunks } from '#src/services/hamming-distance.js';
import { arbitraryHash, bruteForce, listed, near, photographHash, random, within } from '../hashes.js';

const arbitraryQuery = fc.record({
  hash: fc.oneof(arbitraryHash, fc.constant<HashChunks>([0, 0, 0, 0])),
  radius: fc.integer({ min: 0, max: 64 }),
  limit: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constant(Number.POSITIVE_INFINITY)),
});

function search(packed: PackedHashes, query: HashQuery): string[] {
  return packed.search([query]).flatMap(listed);
}

test('finds what brute force finds at every radius, over several blocks', () => {
  const next = random(1);
  const entries = new Map<number, HashChunks>();
  const packed = new PackedHashes();
  let seq = 0;
  const add = (hash: HashChunks) => {
    seq += 1 + Math.floor(next() * 3);
    entries.set(seq, hash);
    packed.add(seq, hash);
  };
  for (let i = 0; i < 9000; i++) add(photographHash(next));
  for (let i = 0; i < 9000; i++) add([0, 0, 0, 0]);
  for (let i = 0; i < 100; i++) add([0xffff, 0xffff, 0xffff, 0xffff]);
  const query = photographHash(next);
  for (let i = 0; i < 200; i++) add(near(query, i % 20, next));
  for (let radius = 0; radius <= 64; radius++) {
    expect(search(packed, within(radius, query))).toEqual(bruteForce(entries, within(radius, query)));
  }
  expect(search(packed, within(0, [0, 0, 0, 0]))).toHaveLength(9000);
  const queries = [query, [0, 0, 0, 0] as const, query].flatMap((hash) =>
    [0, 1, 7, 150, 9001, 20_000].flatMap((limit) => [0, 9, 64].map((radius) => ({ hash, radius, limit }))),
  );
  expect(packed.search(queries).map(listed)).toEqual(queries.map((each) => bruteForce(entries, each)));
});

test('answers nearest first', () => {
  const packed = new PackedHashes();
  [0b111, 0, 0b1, 0b11, 0].forEach((hash, index) => {
    packed.add(index + 1, [0, 0, 0, hash]);
  });
  expect(search(packed, within(2, [0, 0, 0, 0]))).toEqual(['0 2', '0 5', '1 3', '2 4']);
});

test('an empty one finds nothing', () => {
  expect(search(new PackedHashes(), within(64, [0, 0, 0, 0]))).toEqual([]);
});

test('keeps to any sequence of additions and removals, with seqs in any order', () => {
  const seq = fc.integer({ min: 1, max: 40 });
  const hash = fc.oneof(arbitraryHash, fc.constantFrom<HashChunks>([0, 0, 0, 0], [0, 0, 0, 1]));
  const step = fc.oneof(fc.record({ seq, add: hash }), fc.record({ seq, remove: fc.constant(true) }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), fc.array(arbitraryQuery), (steps, queries) => {
      const entries = new Map<number, HashChunks>();
      const packed = new PackedHashes();
      for (const change of steps) {
        if ('add' in change) {
          entries.set(change.seq, change.add);
          packed.add(change.seq, change.add);
        } else {
          entries.delete(change.seq);
          packed.remove(change.seq);
        }
      }
      expect(packed.size).toBe(entries.size);
      expect(packed.search(queries).map(listed)).toEqual(queries.map((query) => bruteForce(entries, query)));
    }),
  );
});

test.each([
  ['shuffled', (count: number, next: () => number) => shuffled(count, next)],
  ['in windows', (count: number, next: () => number) => jittered(count, next)],
  ['descending', (count: number) => Array.from({ length: count }, (_, i) => count - i)],
])('finds what brute force finds in tens of thousands that came %s', (_, order) => {
  const next = random(3);
  const entries = new Map<number, HashChunks>();
  const packed = new PackedHashes();
  const query = photographHash(next);
  const queries = [0, 3, 20].flatMap((radius) =>
    [1, 2, 50, 5000, Number.POSITIVE_INFINITY].map((limit) => ({ hash: query, radius, limit })),
  );
  for (const [i, seq] of order(40_000, next).entries()) {
    // Many at the same distance, so that the limit decides by seq.
    const hash = near(query, i % 5, next);
    entries.set(seq, hash);
    packed.add(seq, hash);
    const other = 1 + Math.floor(next() * 40_000);
    if (i % 3 === 0) {
      entries.delete(other);
      packed.remove(other);
    }
    if (i % 9000 === 8999)
      expect(packed.search(queries).map(listed)).toEqual(queries.map((each) => bruteForce(entries, each)));
  }
  expect(packed.size).toBe(entries.size);
  expect(packed.search(queries).map(listed)).toEqual(queries.map((each) => bruteForce(entries, each)));
});

function shuffled(count: number, next: () => number): number[] {
  const seqs = Array.from({ length: count }, (_, i) => i + 1);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(next() * (i + 1));
    [seqs[i], seqs[other]] = [seqs[other]!, seqs[i]!];
  }
  return seqs;
}

/** Nearly ascending, as transactions commit that run at the same time. */
function jittered(count: number, next: () => number): number[] {
  return Array.from({ length: count }, (_, i) => ({ seq: i + 1, at: i + next() * 50 }))
    .sort((a, b) => a.at - b.at)
    .map(({ seq }) => seq);
}

test('goes on rightly after so many removals that it moves the rest together', () => {
  const next = random(2);
  const entries = new Map<number, HashChunks>();
  const packed = new PackedHashes();
  let seq = 0;
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20_000; i++) {
      const hash: HashChunks = [0, 0, Math.floor(next() * 0x10000), Math.floor(next() * 0x10000)];
      entries.set(++seq, hash);
      packed.add(seq, hash);
    }
    for (const known of [...entries.keys()]) {
      if (next() < 0.2) continue;
      entries.delete(known);
      packed.remove(known);
      packed.remove(known);
    }
    expect(packed.size).toBe(entries.size);
    const query = within(20, [0, 0, 1, 2]);
    expect(search(packed, query)).toEqual(bruteForce(entries, query));
  }
});

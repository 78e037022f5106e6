import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HashChunks } from '#src/embedded/search/hamming.js';
import { PackedHashes } from '#src/embedded/search/packed-hashes.js';
import { arbitraryHash, bruteForce, listed, near, photographHash, random } from '../hashes.js';

test('finds what brute force finds at every radius, over several blocks', () => {
  const next = random(1);
  const entries = new Map<number, HashChunks>();
  const packed = new PackedHashes();
  let seq = 0;
  const add = (hash: HashChunks) => {
    seq += 1 + Math.floor(next() * 3);
    entries.set(seq, hash);
    packed.append(seq, hash);
  };
  for (let i = 0; i < 9000; i++) add(photographHash(next));
  for (let i = 0; i < 9000; i++) add([0, 0, 0, 0]);
  for (let i = 0; i < 100; i++) add([0xffff, 0xffff, 0xffff, 0xffff]);
  const query = photographHash(next);
  for (let i = 0; i < 200; i++) add(near(query, i % 20, next));
  for (let radius = 0; radius <= 64; radius++) {
    expect(listed(packed.search(query, radius))).toEqual(bruteForce(entries, query, radius));
  }
  expect(packed.search([0, 0, 0, 0], 0).seqs).toHaveLength(9000);
});

test('answers nearest first', () => {
  const packed = new PackedHashes();
  [0b111, 0, 0b1, 0b11, 0].forEach((hash, index) => {
    packed.append(index + 1, [0, 0, 0, hash]);
  });
  const { seqs, distances } = packed.search([0, 0, 0, 0], 2);
  expect([...seqs]).toEqual([2, 5, 3, 4]);
  expect([...distances]).toEqual([0, 0, 1, 2]);
});

test('an empty one finds nothing', () => {
  expect(listed(new PackedHashes().search([0, 0, 0, 0], 64))).toEqual([]);
});

test('keeps to any sequence of additions and removals', () => {
  const step = fc.oneof(
    fc.record({ add: arbitraryHash }),
    fc.record({ remove: fc.integer({ min: 1, max: 40 }) }),
  );
  fc.assert(
    fc.property(fc.array(step), arbitraryHash, (steps, query) => {
      const entries = new Map<number, HashChunks>();
      const packed = new PackedHashes();
      let seq = 0;
      for (const change of steps) {
        if ('add' in change) {
          entries.set(++seq, change.add);
          packed.append(seq, change.add);
        } else {
          entries.delete(change.remove);
          packed.remove(change.remove);
        }
      }
      expect(packed.size).toBe(entries.size);
      expect(listed(packed.search(query, 64))).toEqual(bruteForce(entries, query, 64));
    }),
  );
});

test('goes on rightly after so many removals that it moves the rest together', () => {
  const next = random(2);
  const entries = new Map<number, HashChunks>();
  const packed = new PackedHashes();
  let seq = 0;
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20_000; i++) {
      const hash: HashChunks = [0, 0, Math.floor(next() * 0x10000), Math.floor(next() * 0x10000)];
      entries.set(++seq, hash);
      packed.append(seq, hash);
    }
    for (const known of [...entries.keys()]) {
      if (next() < 0.2) continue;
      entries.delete(known);
      packed.remove(known);
      packed.remove(known);
    }
    expect(packed.size).toBe(entries.size);
    expect(listed(packed.search([0, 0, 1, 2], 20))).toEqual(bruteForce(entries, [0, 0, 1, 2], 20));
  }
});

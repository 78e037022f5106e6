import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AskedPicture } from '#src/graphql/similarity/likeness.js';
import { likenessOfEntry, likenessOfRank, surest } from '#src/graphql/similarity/likeness.js';
import type { FoundEntry } from '#src/graphql/similarity/search-entries.js';
import type { Entry } from '#src/services/entry.js';
import { isPlainHash, LIKENESSES } from '#src/services/likeness.js';

const BUSY = '5a3c96e10f78d2b4';

function match(perceptualHash: string | null, hammingDistance: number, asked: AskedPicture): FoundEntry {
  return { entry: { contentHash: 'a', perceptualHash } as Entry, hammingDistance, asked };
}

const wordOf = (distance: number, hash = BUSY, asked = BUSY) =>
  likenessOfEntry(match(hash, distance, { perceptualHash: asked, contentHash: null }));

describe('the likeness of an entry', () => {
  it('is IDENTICAL for the same bytes alone, however plain they are', () => {
    const plain = '0'.repeat(16);
    const asked = { perceptualHash: plain, contentHash: 'a' };
    expect(likenessOfEntry(match(plain, 0, asked))).toBe('IDENTICAL');
    expect(likenessOfEntry(match(BUSY, 0, { perceptualHash: BUSY, contentHash: 'b' }))).toBe(
      'NEARLY_CERTAIN',
    );
    expect(wordOf(0)).toBe('NEARLY_CERTAIN');
  });

  it('falls with the distance', () => {
    expect([4, 5, 10, 11, 64].map((distance) => wordOf(distance))).toEqual([
      'NEARLY_CERTAIN',
      'LIKELY',
      'LIKELY',
      'POSSIBLE',
      'POSSIBLE',
    ]);
  });

  it('is only POSSIBLE where one of both hashes is plain', () => {
    for (const plain of ['0'.repeat(16), 'f'.repeat(16), '0f'.repeat(8), '0000000000000001']) {
      expect(wordOf(0, plain)).toBe('POSSIBLE');
      expect(wordOf(0, BUSY, plain)).toBe('POSSIBLE');
    }
    expect(wordOf(0, '00ff00ff00ff00ff')).toBe('NEARLY_CERTAIN');
  });
});

it('a hash is plain when its rows differ from each other in fewer than 8 bits', () => {
  const row = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.array(row, { minLength: 8, maxLength: 8 }), (rows) => {
      const hash = rows.map((bits) => bits.toString(16).padStart(2, '0')).join('');
      let changes = 0;
      for (let y = 1; y < 8; y++)
        for (let bit = 0; bit < 8; bit++) if (((rows[y]! ^ rows[y - 1]!) >> bit) & 1) changes++;
      expect(isPlainHash(hash)).toBe(changes < 8);
    }),
  );
});

it('a rank says nothing but rank 0 where VisualSnoop is remote', () => {
  const ranks = [0, 1, 13, 14, 67, 68, 1e9];
  expect(ranks.map((rank) => likenessOfRank(rank, 'EMBEDDED'))).toEqual([
    'IDENTICAL',
    'NEARLY_CERTAIN',
    'NEARLY_CERTAIN',
    'LIKELY',
    'LIKELY',
    'POSSIBLE',
    'POSSIBLE',
  ]);
  expect(ranks.map((rank) => likenessOfRank(rank, 'REMOTE'))).toEqual([
    'IDENTICAL',
    ...Array(6).fill('POSSIBLE'),
  ]);
});

it('the surest likeness of several counts', () => {
  for (const likeness of LIKENESSES) expect(surest(['POSSIBLE', likeness, 'POSSIBLE'])).toBe(likeness);
});

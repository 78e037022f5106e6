import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsApart, differencesOf } from '../../src/gallery/duplicates/differences.js';

const entry = {
  contentType: 'image/jpeg',
  fileSizeBytes: 142_000,
  width: 1200,
  height: 800,
  createdAt: '2026-01-01T00:00:00.000000Z',
  urls: ['https://x.example/a.jpg'],
  url: 'https://x.example/a.jpg',
  originalFilename: 'a.jpg',
  clientName: 'scraper',
};

describe('the facts in which two members differ', () => {
  it('are none for the same facts, which are named', () => {
    const { differences, same } = differencesOf(entry, entry);
    expect(differences).toEqual([]);
    expect(same).toEqual(['Size', 'Type', 'File', 'Stored', 'Addresses', 'Name', 'From', 'Found by']);
  });

  it.each([
    ['Size', { width: 600, height: 400 }, ['1200 × 800', '600 × 400'], { side: 0, words: 'more pixels' }],
    ['Size', { width: null, height: null }, ['1200 × 800', 'not known'], { side: 0, words: 'more pixels' }],
    ['Size', { width: 800, height: 1200 }, ['1200 × 800', '800 × 1200'], null],
    [
      'Type',
      { contentType: 'image/png' },
      ['image/jpeg', 'image/png'],
      { side: 1, words: 'keeps every pixel' },
    ],
    ['Type', { contentType: 'image/webp' }, ['image/jpeg', 'image/webp'], null],
    ['File', { fileSizeBytes: 9000 }, ['142 kB', '9.0 kB'], { side: 0, words: 'larger file' }],
    ['File', { fileSizeBytes: 142_001 }, ['142 kB', '142 kB'], { side: 1, words: 'larger file' }],
    ['Addresses', { urls: ['a', 'b'] }, ['1 address', '2 addresses'], { side: 1, words: 'more addresses' }],
    ['Name', { originalFilename: 'b.jpg' }, ['a.jpg', 'b.jpg'], null],
    ['Name', { originalFilename: null }, ['a.jpg', 'none'], null],
    ['Found by', { clientName: 'me' }, ['scraper', 'me'], null],
  ] as const)('have %s when it is another one: %j', (name, change, values, better) => {
    const { differences } = differencesOf(entry, {
      ...entry,
      ...change,
      urls: [...('urls' in change ? change.urls : entry.urls)],
    });
    expect(differences).toEqual([{ name, values, better }]);
  });

  it('have the older one as the better one', () => {
    const { differences } = differencesOf(entry, { ...entry, createdAt: '2025-01-01T00:00:00.000000Z' });
    expect(differences).toMatchObject([{ name: 'Stored', better: { side: 1, words: 'older' } }]);
  });

  it('say the same of the two the other way round', () => {
    const facts = fc.record({
      contentType: fc.constantFrom('image/jpeg', 'image/png', 'image/webp'),
      fileSizeBytes: fc.nat(2000),
      width: fc.option(fc.nat(20)),
      height: fc.option(fc.nat(20)),
      urls: fc.array(fc.constant('https://x.example/'), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(facts, facts, (a, b) => {
        const [there, back] = [
          differencesOf({ ...entry, ...a }, { ...entry, ...b }),
          differencesOf({ ...entry, ...b }, { ...entry, ...a }),
        ];
        expect(back.same).toEqual(there.same);
        expect(back.differences).toEqual(
          there.differences.map(({ name, values: [left, right], better }) => ({
            name,
            values: [right, left],
            better: better && { ...better, side: 1 - better.side },
          })),
        );
      }),
    );
  });
});

it('the bits in which two hashes differ are those of which one has a 1 and the other a 0', () => {
  const hash = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const bitsOf = (value: bigint) => [...value.toString(2).padStart(64, '0')];
  fc.assert(
    fc.property(hash, hash, (a, b) => {
      const [left, right] = [bitsOf(a), bitsOf(b)];
      const hex = (value: bigint) => value.toString(16).padStart(16, '0');
      expect(bitsApart(hex(a), hex(b))).toBe(left.filter((bit, at) => bit !== right[at]).length);
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FoundImage, fuse, mergeImages } from '#src/graphql/similarity/fuse.js';
import type { EntryMatch } from '#src/services/entry.js';

const hash = (n: number) => n.toString(16).padStart(64, '0');

function entry(n: number, hammingDistance = 0): EntryMatch {
  return {
    hammingDistance,
    entry: {
      contentHash: hash(n),
      url: 'https://x.example/',
      contentType: 'image/png',
      fileSizeBytes: 1,
      originalFilename: null,
      width: 1,
      height: 1,
      perceptualHash: null,
      clientName: 'test',
      lookupTime: '2024-01-01T00:00:00.000000Z',
      createdAt: '2024-01-01T00:00:00.000000Z',
    },
  };
}

function image(imageId: string, contentHash: string | null = null, collectionId = 'a'): FoundImage {
  return { collectionId, imageId, rank: 0, contentHash };
}

describe('fusing two lists', () => {
  it('adds the places of a picture that both have, known by its content hash or by its id', () => {
    const fused = fuse([entry(1), entry(2)], [image('x', hash(2)), image(hash(1))]);
    expect(fused.map(({ contentHash, score }) => [contentHash, score])).toEqual([
      [hash(1), 1 / 61 + 1 / 62],
      [hash(2), 1 / 62 + 1 / 61],
    ]);
    expect(fused.map(({ foundBy }) => foundBy)).toEqual([
      ['IMGCACHE', 'VISUALSNOOP'],
      ['IMGCACHE', 'VISUALSNOOP'],
    ]);
  });

  it('puts what both found before what one found first', () => {
    const fused = fuse([entry(1), entry(2)], [image('x'), image('y', hash(2))]);
    expect(fused.map(({ contentHash }) => contentHash)).toEqual([hash(2), hash(1), null]);
  });

  it('has several images of one picture in one match, whose first place counts', () => {
    const copies = [image(hash(7), null, 'a'), image('x', hash(7), 'b'), image(hash(7), hash(7), 'c')];
    const [match, ...others] = fuse([], [image('y'), ...copies]).reverse();
    expect(others).toHaveLength(1);
    expect(match).toEqual({
      score: 1 / 62,
      contentHash: hash(7),
      entryMatch: null,
      images: copies,
      foundBy: ['VISUALSNOOP'],
    });
  });

  it('believes known bytes more than an id, and takes no unknown id for a content hash', () => {
    const fused = fuse([entry(1)], [image(hash(1), hash(9)), image(hash(5))]);
    expect(fused.map(({ contentHash, images }) => [contentHash, images.length])).toEqual([
      [hash(1), 0],
      [hash(9), 1],
      [null, 1],
    ]);
  });

  it('breaks ties by content hash, then by collection and image', () => {
    expect(fuse([entry(5)], [image('x', hash(4))]).map(({ contentHash }) => contentHash)).toEqual([
      hash(4),
      hash(5),
    ]);
    expect(fuse([entry(5)], [image('x')]).map(({ contentHash }) => contentHash)).toEqual([hash(5), null]);
  });

  const entries = fc.uniqueArray(fc.integer({ min: 0, max: 12 })).map((ns) => ns.map((n) => entry(n)));
  const contentHash = fc.option(fc.integer({ min: 0, max: 12 }).map(hash));
  const images: fc.Arbitrary<FoundImage[]> = fc.uniqueArray(
    fc.record({
      collectionId: fc.constantFrom('a', 'b', 'ž'),
      imageId: fc.oneof(fc.constantFrom('x', 'y', '\u{1f600}'), fc.integer({ min: 0, max: 12 }).map(hash)),
      rank: fc.constant(0),
      contentHash,
    }),
    { selector: ({ collectionId, imageId }) => `${collectionId} ${imageId}` },
  );

  it('keeps every item of both lists, once', () => {
    fc.assert(
      fc.property(entries, images, (entries, images) => {
        const fused = fuse(entries, images);
        const fusedEntries = fused.flatMap(({ entryMatch }) => entryMatch ?? []);
        expect(new Set(fusedEntries)).toEqual(new Set(entries));
        expect(fusedEntries).toHaveLength(entries.length);
        const fusedImages = fused.flatMap(({ images }) => images);
        expect(new Set(fusedImages)).toEqual(new Set(images));
        expect(fusedImages).toHaveLength(images.length);
        const hashes = fused.flatMap(({ contentHash }) => contentHash ?? []);
        expect(new Set(hashes).size).toBe(hashes.length);
      }),
    );
  });

  it('scores each match by its first place in either list, and gives the best first', () => {
    fc.assert(
      fc.property(entries, images, (entries, images) => {
        const fused = fuse(entries, images);
        for (const match of fused) {
          const places = [
            match.entryMatch ? [entries.indexOf(match.entryMatch)] : [],
            match.images.map((found) => images.indexOf(found)).slice(0, 1),
          ];
          const expected = places.flat().reduce((sum, index) => sum + 1 / (61 + index), 0);
          expect(match.score).toBeCloseTo(expected, 12);
          expect(match.foundBy).toEqual([
            ...(match.entryMatch ? ['IMGCACHE'] : []),
            ...(match.images.length > 0 ? ['VISUALSNOOP'] : []),
          ]);
          const order = match.images.map((found) => images.indexOf(found));
          expect(order).toEqual(order.toSorted((a, b) => a - b));
        }
        const scores = fused.map(({ score }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });
});

describe('merging the lists of several collections', () => {
  it('gives the lowest rank first, then by collection and image, and no more than asked for', () => {
    const match = (collectionId: string, imageId: string, rank: number) => ({ collectionId, imageId, rank });
    const a = [match('a', 'z', 0), match('a', 'y', 2), match('a', 'x', 2)];
    const b = [match('b', 'a', 0), match('b', 'b', 1)];
    const merged = [a[0], b[0], b[1], a[2], a[1]];
    expect(mergeImages([b, a], 100)).toEqual(merged);
    expect(mergeImages([a, b], 3)).toEqual(merged.slice(0, 3));
  });
});

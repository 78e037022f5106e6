import fc from 'fast-check';
import { beforeEach, expect, describe as suite, test } from 'vitest';
import { transposedHash } from '#src/embedded/picture/dct-hash.js';
import { type Descriptor, describe } from '#src/embedded/picture/descriptor.js';
import { USELESS } from '#src/embedded/picture/informative.js';
import { INDEXED_VIEWS, VIEWS, WHOLE_VIEWS } from '#src/embedded/picture/views.js';
import { VisualIndex, type VisualMatch } from '#src/embedded/search/visual-index.js';
import {
  dihedralTones,
  PART_THRESHOLD,
  PIVOT_SLACK,
  rankByTones,
  rankOfMargin,
  WHOLE_THRESHOLD,
} from '#src/embedded/search/visual-rule.js';
import { noisyShapes, plainRaster, randomFrom, rasterOf } from '../picture/rasters.js';
import { clusteredDescriptor } from './clustered-descriptor.js';

let index: VisualIndex;
beforeEach(() => {
  index = new VisualIndex();
});

/** What a search must find, said as plainly as the rule can be said. */
function bruteForce(pictures: Map<number, Descriptor>, query: Descriptor): VisualMatch[] {
  const matches: VisualMatch[] = [];
  for (const [key, other] of pictures) {
    const ranks = [...ranksByHash(query, other), ...ranksByTones(query, other)];
    if (ranks.length > 0) matches.push({ key, rank: Math.min(...ranks) });
  }
  return matches.sort((a, b) => a.rank - b.rank || a.key - b.key);
}

function* ranksByHash(query: Descriptor, other: Descriptor): Generator<number> {
  const asking = query.views.map((view, at) => ({ view, spec: VIEWS[at]!, whole: at === 0 }));
  if (query.whole) asking.push({ view: query.whole[0]!, spec: WHOLE_VIEWS[0]!, whole: true });
  const indexed = other.views.slice(0, INDEXED_VIEWS).map((view, plane) => ({ view, plane }));
  other.whole?.forEach((view, plane) => {
    indexed.push({ view, plane });
  });
  for (const { view, spec, whole } of asking) {
    for (const { view: found, plane } of indexed) {
      if (!spec.against.includes(plane) || view.discount === USELESS || found.discount === USELESS) continue;
      const threshold = (whole && plane === 0 ? WHOLE_THRESHOLD : PART_THRESHOLD) - view.discount;
      const hashes = spec.degrees === 0 ? [view.hash, transposedHash(view.hash)] : [view.hash];
      for (const hash of hashes) {
        for (const negated of [[], [0, 2], [0, 1], [1, 2]]) {
          const bits = [0, 1, 2, 3].map((part) => {
            const ones = distance(
              hash.subarray(8 * part, 8 * part + 8),
              found.hash.subarray(8 * part, 8 * part + 8),
            );
            return negated.includes(part) ? 64 - ones : ones;
          });
          const margin = threshold - found.discount - bits.reduce((sum, each) => sum + each, 0);
          if (margin >= 0 && bits[3]! <= Math.floor(threshold / 4) + PIVOT_SLACK) yield rankOfMargin(margin);
        }
      }
    }
  }
}

function* ranksByTones(query: Descriptor, other: Descriptor): Generator<number> {
  if (!query.plain || !other.plain) return;
  for (const way of dihedralTones(query.tones)) {
    const rank = rankByTones(way, other.tones);
    if (rank !== null) yield rank;
  }
}

function distance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  a.forEach((byte, at) => {
    for (let bits = byte ^ b[at]!; bits > 0; bits >>= 1) sum += bits & 1;
  });
  return sum;
}

suite('a search', () => {
  test('equals brute force, also after removals and replacements', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const searched = new VisualIndex();
        const random = randomFrom(seed);
        const pictures = new Map<number, Descriptor>();
        for (let step = 0; step < 60; step++) {
          const key = Math.floor(random() * 40);
          if (random() < 0.25) {
            pictures.delete(key);
            searched.remove(key);
          } else {
            const descriptor = clusteredDescriptor(random);
            pictures.set(key, descriptor);
            searched.add(key, descriptor);
          }
        }
        const query = clusteredDescriptor(random);
        expect(searched.search(query)).toEqual(bruteForce(pictures, query));
      }),
      { numRuns: 20 },
    );
  });

  test('goes through more than one block of rows', () => {
    const random = randomFrom(5);
    const pictures = new Map(Array.from({ length: 1500 }, (_, key) => [key, clusteredDescriptor(random)]));
    for (const [key, descriptor] of pictures) index.add(key, descriptor);
    const query = clusteredDescriptor(random);
    const expected = bruteForce(pictures, query);
    expect(expected.length).toBeGreaterThan(50);
    expect(index.search(query)).toEqual(expected);
  });

  test('finds what was added the moment before, and not what was removed', () => {
    const descriptor = describe(noisyShapes(1));
    index.add(7, descriptor);
    expect(index.search(descriptor)).toEqual([{ key: 7, rank: 1 }]);
    index.add(7, describe(noisyShapes(2)));
    expect(index.search(descriptor)).toEqual([]);
    index.add(7, descriptor);
    index.remove(7);
    expect(index.search(descriptor)).toEqual([]);
  });

  test('finds a picture turned and mirrored in all eight ways', () => {
    const picture = noisyShapes(3);
    index.add(1, describe(picture));
    const at = (x: number, y: number) => picture.luma[y * 256 + x]!;
    const ways: ((x: number, y: number) => number)[] = [
      (x, y) => at(255 - x, y),
      (x, y) => at(x, 255 - y),
      (x, y) => at(255 - x, 255 - y),
      (x, y) => at(y, x),
      (x, y) => at(255 - y, x),
      (x, y) => at(y, 255 - x),
      (x, y) => at(255 - y, 255 - x),
    ];
    for (const way of ways) expect(index.search(describe(rasterOf(way)))).toEqual([{ key: 1, rank: 1 }]);
  });

  test('tells different pictures apart', () => {
    for (let seed = 1; seed <= 20; seed++) index.add(seed, describe(noisyShapes(seed)));
    expect(index.search(describe(noisyShapes(21)))).toEqual([]);
  });
});

suite('flat pictures and gradients', () => {
  const gradients = {
    across: rasterOf((x) => x),
    down: rasterOf((_, y) => 255 - y / 2),
    diagonal: rasterOf((x, y) => (x + y) / 2),
    radial: rasterOf((x, y) => 255 - Math.hypot(x - 128, y - 128)),
    white: plainRaster(255),
    grey: plainRaster(120),
    black: plainRaster(0),
  };

  test('find themselves under faint noise, and no other', () => {
    const named = Object.values(gradients);
    named.forEach((raster, key) => {
      index.add(key, describe(raster));
    });
    const random = randomFrom(9);
    named.forEach((raster, key) => {
      const noisy = {
        ...raster,
        luma: raster.luma.map((tone) => Math.min(255, Math.max(0, tone + random() * 4 - 2))),
      };
      expect(index.search(describe(noisy)).map((match) => match.key)).toEqual([key]);
    });
  });

  test('of another colour are not alike', () => {
    index.add(1, describe({ ...plainRaster(120), chroma: [90, 160] }));
    expect(index.search(describe(plainRaster(120)))).toEqual([]);
  });

  test('are not found by pictures with a lone thing on them', () => {
    for (const [key, raster] of Object.values(gradients).entries()) index.add(key, describe(raster));
    const spot = rasterOf((x, y) => (Math.hypot(x - 200, y - 60) < 12 ? 255 : 30));
    expect(index.search(describe(spot))).toEqual([]);
  });
});

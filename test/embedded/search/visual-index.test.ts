import fc from 'fast-check';
import { beforeEach, expect, describe as suite, test } from 'vitest';
import { transposedHash } from '#src/embedded/picture/dct-hash.js';
import { type Descriptor, describe, type ViewHash } from '#src/embedded/picture/descriptor.js';
import { USELESS } from '#src/embedded/picture/informative.js';
import { BUSY_VIEWS, INDEXED_VIEWS, VIEWS, type View, WHOLE_VIEWS } from '#src/embedded/picture/views.js';
import { doubtfulBits, neighboursOf } from '#src/embedded/search/doubtful-bits.js';
import { chunked } from '#src/embedded/search/hash-chunks.js';
import { VisualIndex, type VisualMatch } from '#src/embedded/search/visual-index.js';
import {
  type AskedViews,
  dihedralTones,
  PART_THRESHOLD,
  PIVOT_SLACK,
  rankOfMargin,
  rankOfTones,
  toneDifference,
  WHOLE_THRESHOLD,
} from '#src/embedded/search/visual-rule.js';
import { randomRuns } from '../../harness/repetitions.js';
import { noisyShapes, plainRaster, randomFrom, rasterOf } from '../picture/rasters.js';
import { clusteredDescriptor } from './clustered-descriptor.js';

let index: VisualIndex;
beforeEach(() => {
  index = new VisualIndex();
});

/** What a search must find, said as plainly as the rule can be said. */
function bruteForce(
  pictures: Map<number, Descriptor>,
  query: Descriptor,
  through: AskedViews = 'ALL',
): VisualMatch[] {
  const matches: VisualMatch[] = [];
  const asked = askedHashes(query, through);
  for (const [key, other] of pictures) {
    const ranks = [...ranksByHash(asked, other), ...ranksByTones(query, other)];
    if (ranks.length > 0) matches.push({ key, rank: Math.min(...ranks) });
  }
  return matches.sort((a, b) => a.rank - b.rank || a.key - b.key);
}

interface AskedHash {
  hash: Uint8Array;
  doubtful: Uint8Array;
  discount: number;
  against: readonly number[];
  whole: boolean;
}

/** Each of the query's views that says something, also on its side, and the whole of it in inverted colours. */
function askedHashes({ views, whole, busy }: Descriptor, through: AskedViews): AskedHash[] {
  const asked = (looks: readonly ViewHash[], specs: readonly View[], count = specs.length): AskedHash[] =>
    looks.slice(0, count).flatMap(({ hash, discount }, at) => {
      const { against, degrees } = specs[at]!;
      if (discount === USELESS) return [];
      const upright = (each: Uint8Array) => each;
      return (degrees === 0 ? [upright, transposedHash] : [upright]).map((turn) => {
        const near = neighboursOf(specs)[at]!.map((index) => chunked(turn(looks[index]!.hash)));
        const doubtful = doubtfulBits(chunked(turn(hash)), near);
        return { hash: turn(hash), doubtful, discount, against, whole: at === 0 };
      });
    });
  const ofContent = asked(views, VIEWS, through === 'ALL' ? VIEWS.length : 6);
  const inverted = ofContent
    .slice(0, views[0]!.discount === USELESS ? 0 : 2)
    .map((each) => ({ ...each, hash: each.hash.map((byte) => 255 - byte) }));
  return [
    ...ofContent,
    ...(whole ? asked(whole, WHOLE_VIEWS) : []),
    ...(busy ? asked(busy, BUSY_VIEWS) : []),
    ...inverted,
  ];
}

function* ranksByHash(asked: readonly AskedHash[], other: Descriptor): Generator<number> {
  const indexed = other.views.slice(0, INDEXED_VIEWS).map((view, plane) => ({ view, plane }));
  for (const look of [other.whole, other.busy?.slice(0, INDEXED_VIEWS)])
    look?.forEach((view, plane) => {
      indexed.push({ view, plane });
    });
  for (const { hash, doubtful, discount, against, whole } of asked) {
    for (const { view: found, plane } of indexed) {
      if (!against.includes(plane) || found.discount === USELESS) continue;
      const threshold = (whole && plane === 0 ? WHOLE_THRESHOLD : PART_THRESHOLD) - discount;
      const classes = [0, 8, 16, 24].map((at) =>
        distance(hash.subarray(at, at + 8), found.hash.subarray(at, at + 8)),
      );
      for (const negated of [[], [0, 2], [0, 1], [1, 2]]) {
        const bits = classes.map((ones, part) => (negated.includes(part) ? 64 - ones : ones));
        const margin = threshold - found.discount - bits.reduce((sum, each) => sum + each, 0);
        if (margin < 0 || bits[3]! > Math.floor(threshold / 4) + PIVOT_SLACK) continue;
        if (agreesInAChunk(chunked(hash), chunked(found.hash), doubtful)) yield rankOfMargin(margin);
      }
    }
  }
}

/** Bit by bit: each chunk is 16 bits, the last of each class does not count, and flips negate the first three classes. */
function agreesInAChunk(asking: Uint8Array, found: Uint8Array, doubtful: Uint8Array): boolean {
  const bit = (bytes: Uint8Array, at: number) => (bytes[at >> 3]! >> (at & 7)) & 1;
  for (let first = 0; first < 256; first += 16) {
    if (first % 64 === 48) continue;
    for (const negated of first < 192 ? [0, 1] : [0]) {
      const places = Array.from({ length: 16 }, (_, at) => first + at);
      const wrong = places.filter((at) => (bit(asking, at) ^ bit(found, at)) !== negated);
      if (wrong.length === 0 || (wrong.length === 1 && bit(doubtful, wrong[0]!))) return true;
    }
  }
  return false;
}

function* ranksByTones(query: Descriptor, other: Descriptor): Generator<number> {
  if (!query.plain || !other.plain) return;
  const colours = query.tones.subarray(-2);
  if (colours.some((colour, at) => Math.abs(colour - other.tones.at(at - 2)!) > 3)) return;
  for (const way of dihedralTones(query.tones)) {
    const difference = toneDifference(way, other.tones);
    if (difference < Number.POSITIVE_INFINITY) yield rankOfTones(difference);
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
        // Few enough rows are scanned for segments to be made, joined and left behind.
        const searched = new VisualIndex(seed % 3 === 0 ? undefined : 10);
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
          if (random() < 0.7) searched.settle();
        }
        const query = clusteredDescriptor(random);
        for (const through of ['ALL', 'MIDDLE'] as const)
          expect(searched.search(query, through)).toEqual(bruteForce(pictures, query, through));
      }),
      { numRuns: randomRuns(20) },
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

  test('equals brute force in look-ups of many rows, some of which share their chunks with very many', () => {
    const random = randomFrom(6);
    const searched = new VisualIndex(40);
    const pictures = new Map(Array.from({ length: 900 }, (_, key) => [key, clusteredDescriptor(random)]));
    for (const [key, descriptor] of pictures) {
      searched.add(key, descriptor);
      if (random() < 0.3) searched.settle();
    }
    for (let key = 0; key < 400; key++) {
      pictures.delete(key);
      searched.remove(key);
    }
    while (searched.settle());
    expect(searched.size).toBeLessThan(200);
    let matches = 0;
    for (let asked = 0; asked < 8; asked++) {
      const query = clusteredDescriptor(random);
      const expected = bruteForce(pictures, query);
      matches += expected.length;
      expect(searched.search(query)).toEqual(expected);
    }
    expect(matches).toBeGreaterThan(100);
    for (let key = 400; key < 550; key++) {
      pictures.delete(key);
      searched.remove(key);
    }
    const query = clusteredDescriptor(random);
    expect(searched.search(query)).toEqual(bruteForce(pictures, query));
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

  test('finds a picture in inverted colours, also mirrored and on its side', () => {
    const { luma } = noisyShapes(3);
    index.add(1, describe(noisyShapes(3)));
    const ways: ((x: number, y: number) => number)[] = [
      (x, y) => y * 256 + x,
      (x, y) => y * 256 + 255 - x,
      (x, y) => x * 256 + y,
    ];
    for (const way of ways) {
      const inverted = describe(rasterOf((x, y) => 255 - luma[way(x, y)]!));
      expect(index.search(inverted).map(({ key }) => key)).toEqual([1]);
    }
  });

  test('finds a picture on a screen with a clock and words in its bars, and the screen by the picture', () => {
    const { luma } = noisyShapes(3);
    const screen = rasterOf((x, y) => {
      const isMark = (y > 8 && y < 18 && x > 10 && x < 40) || (y > 225 && y < 240 && x > 20 && x < 70);
      if (y < 50 || y >= 210) return isMark ? 20 * (x % 9) : 240;
      return luma[Math.floor((y - 50) * 1.6) * 256 + x]!;
    });
    index.add(1, describe(noisyShapes(3)));
    index.add(2, describe(screen));
    index.add(3, describe(noisyShapes(4)));
    for (const raster of [screen, noisyShapes(3)])
      expect(
        index
          .search(describe(raster))
          .map(({ key }) => key)
          .sort(),
      ).toEqual([1, 2]);
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

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeypointIndex } from '#src/embedded/keypoints/keypoint-index.js';
import type { Keypoints } from '#src/embedded/keypoints/keypoints.js';
import { MIRRORED_HIGH, MIRRORED_LOW } from '#src/embedded/keypoints/mirror.js';
import { random } from '../hashes.js';
import { plainSearch } from './plain-keypoint-search.js';
import { flippedKeypoints, randomKeypoints } from './random-keypoints.js';

type Make = (next: () => number) => Keypoints;

/** Edits of a picture: near and far, mirrored, moved a little, cut. */
function editOf(next: () => number, original: Keypoints): Keypoints {
  const others = Math.floor(next() * 16);
  const { low, high, places, ...rest } = flippedKeypoints(next, original, { weak: 3, others });
  const mirrored = next() < 0.3;
  const turned = (codes: Uint32Array, mask: number) => (mirrored ? codes.map((code) => code ^ mask) : codes);
  const mirroredPlace = (place: number) => {
    const turn = (64 - (place >>> 25)) & 127;
    return ((turn << 25) | (place & 0x1fffc00) | (1023 - (place & 1023))) >>> 0;
  };
  const moved = places.map((place) => {
    if (next() < 0.2) return Math.floor(next() * 2 ** 32);
    return mirrored ? mirroredPlace(place) : place;
  });
  return {
    ...rest,
    count: Math.floor(original.count * (0.5 + next() / 2)),
    low: turned(low, MIRRORED_LOW),
    high: turned(high, MIRRORED_HIGH),
    places: moved,
  };
}

/** Kinds of pictures: edits of some, letters of one font that very many share, one code again and again, and nothing. */
function kindsOf(next: () => number): Make[] {
  const originals = Array.from({ length: 1 + Math.floor(next() * 2) }, () =>
    randomKeypoints(next, 20 + Math.floor(next() * 60)),
  );
  const letters = randomKeypoints(next, 6);
  const any = () => originals[Math.floor(next() * originals.length)]!;
  const word = (): Keypoints => {
    const { low, high, weak, ...rest } = randomKeypoints(next, 24);
    for (let i = 0; i < 12; i++) {
      const letter = Math.floor(next() * letters.count);
      low[i] = letters.low[letter]!;
      high[i] = letters.high[letter]! ^ (next() < 0.5 ? 1 << Math.floor(next() * 32) : 0);
      weak.set(letters.weak.subarray(6 * letter, 6 * letter + 6), 6 * i);
    }
    return { low, high, weak, ...rest };
  };
  const same = (): Keypoints => {
    const { low, high, ...rest } = any();
    return { ...rest, low: low.map(() => low[0]!), high: high.map(() => high[0]!) };
  };
  const nothing = () => randomKeypoints(next, Math.floor(next() * 3));
  const edit = () => editOf(next, any());
  return [edit, edit, edit, edit, word, same, nothing];
}

it('finds and scores what a comparison of all keypoints does, while pictures come and go', () => {
  const counts = { found: 0, mirrored: 0, common: 0, asked: 0 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const next = random(seed);
      const kinds = kindsOf(next);
      const make = () => kinds[Math.floor(next() * kinds.length)]!(next);
      const index = new KeypointIndex();
      const pictures = new Map<number, Keypoints>();
      for (let step = 0; step < 400; step++) {
        const key = Math.floor(next() * 250);
        if (next() < 0.25) {
          index.remove(key);
          pictures.delete(key);
        } else {
          const picture = make();
          index.add(key, picture);
          pictures.set(key, picture);
        }
        if (next() < 0.05) index.settle();
        if (step % 100 < 98) continue;
        const query = make();
        const asked = new Set(Array.from({ length: 60 }, () => Math.floor(next() * 250)));
        const found = index.search(query, asked);
        expect(found).toEqual(plainSearch(pictures, query, asked));
        counts.found += found.length;
        counts.mirrored += found.filter(({ mirrored }) => mirrored).length;
        counts.asked += found.length > 40 ? 1 : 0;
        // What is asked about one picture is what a search for all says of it.
        const queries = Array.from({ length: 6 }, () => ({ keypoints: make(), mirrored: next() < 0.5 }));
        const one = found[0]?.key ?? [...pictures.keys()][0]!;
        const scores = queries.map(({ keypoints, mirrored }) => {
          const matches = plainSearch(pictures, keypoints, new Set([one]), [mirrored]);
          return matches.find((match) => match.key === one)?.score ?? 0;
        });
        expect(index.scoresOf(one, pictures.get(one)!, queries)).toEqual(scores);
        counts.common += scores.filter((score) => score === 0).length;
      }
      index.dispose();
    }),
    { numRuns: 6 },
  );
  expect(counts.found).toBeGreaterThan(300);
  expect(counts.mirrored).toBeGreaterThan(30);
  expect(counts.asked).toBeGreaterThan(0);
  expect(counts.common).toBeGreaterThan(0);
});

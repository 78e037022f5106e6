import { describe, expect, it } from 'vitest';
import { KeypointIndex } from '#src/embedded/keypoints/keypoint-index.js';
import type { Keypoints } from '#src/embedded/keypoints/keypoints.js';
import {
  findLikenesses,
  findMutualLikenesses,
  mergedLikenesses,
  wholeLikenesses,
} from '#src/embedded/search/query-plan.js';
import type { AskedViews } from '#src/embedded/search/visual-rule.js';
import { random } from '../hashes.js';
import { flippedKeypoints, randomKeypoints } from '../keypoints/random-keypoints.js';
import { clusteredDescriptor } from './clustered-descriptor.js';

const [SAME, OTHER, FEW, NONE] = [1, 2, 3, 4];
const ASKED = randomKeypoints(random(1), 48);
const descriptor = clusteredDescriptor(random(1));
const discountOf = () => 0;

/** The first of some keypoints. */
function firstOf({ low, high, weak, places, ...rest }: Keypoints, count: number): Keypoints {
  const [first, weakBits] = [
    { low: low.slice(0, count), high: high.slice(0, count) },
    weak.slice(0, 6 * count),
  ];
  return { ...rest, ...first, count, weak: weakBits, places: places.slice(0, count) };
}

function indexed(): KeypointIndex {
  const index = new KeypointIndex();
  index.add(SAME, ASKED);
  index.add(OTHER, randomKeypoints(random(2), 48));
  index.add(FEW, randomKeypoints(random(3), 7));
  return index;
}

/** The keys, ranks and kinds of what is found where hashes find these. */
const found = (alike: [key: number, rank: number][], query = ASKED) =>
  mergedLikenesses(
    alike.map(([key, rank]) => ({ key, rank })),
    query,
    indexed(),
  ).map(({ key, rank, found: kind }) => [key, rank, kind]);

describe('what hashes and keypoints find together', () => {
  const alike = (rank: number): [number, number][] => [
    [SAME, rank],
    [OTHER, rank],
    [FEW, rank],
    [NONE, rank],
  ];

  it('is what is near by its hashes alone', () => {
    expect(found(alike(41))).toEqual([SAME, OTHER, FEW, NONE].map((key) => [key, 41, 'WHOLE']));
  });

  it('leaves out what is farther and has other keypoints, or too few to tell', () => {
    expect(found(alike(42))).toEqual([[SAME, 42, 'WHOLE']]);
    expect(found(alike(42), firstOf(randomKeypoints(random(9), 48), 7))).toEqual([]);
  });

  it('says of both kinds which part is the same', () => {
    const whole = mergedLikenesses([{ key: SAME, rank: 40 }], ASKED, indexed());
    const part = mergedLikenesses([], ASKED, indexed());
    expect(whole).toHaveLength(1);
    expect(part[0]?.part).toEqual(whole[0]?.part);
    expect(part[0]?.part).toMatchObject({ angle: expect.closeTo(0), mirrored: false });
    expect(mergedLikenesses([{ key: OTHER, rank: 2 }], ASKED, indexed())[0]?.part).toBeNull();
  });

  it('has parts behind all that hashes find, the better ones first', () => {
    const index = indexed();
    index.add(5, firstOf(ASKED, 12));
    index.add(6, firstOf(ASKED, 24));
    const matches = mergedLikenesses([{ key: 6, rank: 67 }], ASKED, index);
    expect(matches.map(({ key, found: kind }) => [key, kind])).toEqual([
      [6, 'WHOLE'],
      [SAME, 'PART'],
      [5, 'PART'],
    ]);
    const ranks = matches.map(({ rank }) => rank);
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(ranks.every(Number.isInteger)).toBe(true);
    expect(ranks[1]).toBeGreaterThan(67);
  });

  it('asks through fewer views where keypoints find what the others would', () => {
    const asked: unknown[] = [];
    const search = (_: unknown, through: AskedViews) => {
      asked.push(through);
      return [{ key: SAME, rank: 5 }];
    };
    const [many, few] = [ASKED, firstOf(ASKED, 23)];
    for (const keypoints of [many, few, null])
      expect(
        findLikenesses({ descriptor, keypoints }, { search, discountOf, keypoints: indexed() })[0],
      ).toMatchObject({
        key: SAME,
        rank: 5,
        found: 'WHOLE',
      });
    findLikenesses({ descriptor, keypoints: many }, { search, discountOf, keypoints: null });
    expect(asked).toEqual(['MIDDLE', 'ALL', 'ALL', 'ALL']);
    const nothing = findLikenesses(
      { descriptor: null, keypoints: null },
      { search, discountOf, keypoints: null },
    );
    expect([nothing, asked.length]).toEqual([[], 4]);
  });

  it('asks more of parts where the hashes of both say little', () => {
    const index = new KeypointIndex();
    index.add(5, firstOf(ASKED, 8));
    const [whole, ...others] = descriptor.views;
    const isFound = (own: number, other: number) =>
      findLikenesses(
        {
          descriptor: { ...descriptor, views: [{ ...whole!, discount: own }, ...others] },
          keypoints: ASKED,
        },
        { search: () => [], discountOf: () => other, keypoints: index },
      ).length > 0;
    expect([isFound(0, 0), isFound(25, 0), isFound(0, 25), isFound(255, 25)]).toEqual(Array(4).fill(true));
    expect(isFound(25, 25)).toBe(false);
  });

  it('is what hashes find where keypoints are not asked', () => {
    expect(wholeLikenesses([{ key: OTHER, rank: 60 }])).toEqual([
      { key: OTHER, rank: 60, found: 'WHOLE', part: null },
    ]);
  });
});

describe('what pictures of a collection find by their keypoints', () => {
  /** Pictures that share more or fewer keypoints with others, whose codes differ more or less. */
  function collection(seed: number): Map<number, Keypoints> {
    const next = random(seed);
    const originals = Array.from({ length: 3 }, () => randomKeypoints(next, 48));
    const pictures = Array.from({ length: 18 }, () => {
      const original = originals[Math.floor(next() * originals.length)]!;
      const copy = flippedKeypoints(next, original, { weak: Math.floor(next() * 5), others: 9 });
      const { low, high, places } = randomKeypoints(next, 48);
      const kept = 3 + Math.floor(next() * 7);
      for (const [ours, theirs] of [
        [copy.low, low],
        [copy.high, high],
        [copy.places, places],
      ] as const)
        theirs.set(ours.subarray(0, kept));
      return { ...copy, low, high, places };
    });
    return new Map(pictures.entries());
  }

  function indexOf(pictures: ReadonlyMap<number, Keypoints>): KeypointIndex {
    const index = new KeypointIndex();
    for (const [key, keypoints] of pictures) index.add(key, keypoints);
    return index;
  }

  const findAll = async (pictures: ReadonlyMap<number, Keypoints>, index: KeypointIndex, key: number) => {
    const query = { descriptor: null, keypoints: pictures.get(key)! };
    const indexes = { search: () => [], discountOf, keypoints: index };
    const matches = await findMutualLikenesses(key, query, indexes, async () => pictures);
    return matches.map((match) => match.key).filter((other) => other !== key);
  };

  /** The score that one gives another, as each is asked for by all that it has. */
  const scoreOf = (index: KeypointIndex, query: Keypoints, key: number) =>
    index.search(query, new Set([key])).find((match) => match.key === key)?.score ?? 0;

  it('is what the mean of both scores says, for all pairs of some collections, and the same in both directions', async () => {
    const counts = { found: 0, oneSided: 0, not: 0 };
    for (const seed of [1, 2, 3, 4]) {
      const pictures = collection(seed);
      const index = indexOf(pictures);
      const found = new Set<string>();
      for (const key of pictures.keys())
        for (const other of await findAll(pictures, index, key)) found.add(`${key} ${other}`);
      for (const [one, own] of pictures) {
        for (const [other, theirs] of pictures) {
          if (one === other) continue;
          const [there, back] = [scoreOf(index, own, other), scoreOf(index, theirs, one)];
          const isMatch = there >= 2.6 || (Math.min(there, back) >= 0.4 && (there + back) / 2 >= 1.3);
          if (isMatch) expect(back).toBeGreaterThanOrEqual(0.4);
          expect(`${one} ${other} ${found.has(`${one} ${other}`)}`).toBe(`${one} ${other} ${isMatch}`);
          if (isMatch) counts.found++;
          else if (there >= 1.3) counts.oneSided++;
          else counts.not++;
        }
      }
      index.dispose();
    }
    expect(counts.found).toBeGreaterThan(30);
    expect(counts.oneSided).toBeGreaterThan(0);
    expect(counts.not).toBeGreaterThan(30);
  });

  it('is not what cannot be read, nor anything new where hashes are enough', async () => {
    const pictures = collection(1);
    const index = indexOf(pictures);
    const query = { descriptor, keypoints: pictures.get(0)! };
    const scores = [...pictures.keys()].map((key) => ({ key, score: scoreOf(index, query.keypoints, key) }));
    const other = scores.find(({ score }) => score >= 1.3 && score < 2.6)!.key;
    const found = async (rank: number | null) => {
      const search = () => (rank === null ? [] : [{ key: other, rank }]);
      const indexes = { search, discountOf, keypoints: index };
      const matches = await findMutualLikenesses(0, query, indexes, async () => new Map());
      return matches
        .filter(({ key }) => key !== 0)
        .map(({ key, rank: place, found: kind }) => [key, place, kind]);
    };
    const ofOther = async (rank: number | null) => (await found(rank)).filter(([key]) => key === other);
    expect(await ofOther(null)).toEqual([]);
    expect(await ofOther(42)).toEqual([]);
    expect(await ofOther(41)).toEqual([[other, 41, 'WHOLE']]);
    index.dispose();
  });
});

describe('the score of one picture', () => {
  it('is the one that a search gives it', () => {
    const next = random(5);
    const index = new KeypointIndex();
    const original = randomKeypoints(next, 48);
    const pictures = Array.from({ length: 40 }, (_, key) =>
      flippedKeypoints(next, original, { weak: 6, others: 3 * key }),
    );
    for (const [key, picture] of pictures.entries()) index.add(key, picture);
    const query = flippedKeypoints(next, original, { weak: 3, others: 6 });
    const keys = Array.from({ length: 41 }, (_, key) => key);
    const searched = new Map(index.search(query, new Set(keys)).map((match) => [match.key, match]));
    const scores = keys.map((key) => {
      const mirrored = searched.get(key)?.mirrored ?? false;
      return index.scoresOf(key, pictures[key] ?? original, [{ keypoints: query, mirrored }])[0]!;
    });
    expect(scores).toEqual(keys.map((key) => searched.get(key)?.score ?? 0));
    expect(scores.filter((score) => score > 0).length).toBeGreaterThan(10);
    expect(scores.filter((score) => score === 0).length).toBeGreaterThan(1);
    index.dispose();
  });
});

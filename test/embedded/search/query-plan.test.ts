import { describe, expect, it } from 'vitest';
import { KeypointIndex } from '#src/embedded/keypoints/keypoint-index.js';
import type { Keypoints } from '#src/embedded/keypoints/keypoints.js';
import { findLikenesses, mergedLikenesses, wholeLikenesses } from '#src/embedded/search/query-plan.js';
import type { AskedViews } from '#src/embedded/search/visual-rule.js';
import { random } from '../hashes.js';
import { randomKeypoints } from '../keypoints/random-keypoints.js';
import { clusteredDescriptor } from './clustered-descriptor.js';

const [SAME, OTHER, FEW, NONE] = [1, 2, 3, 4];
const ASKED = randomKeypoints(random(1), 48);
const descriptor = clusteredDescriptor(random(1));

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
    expect(found(alike(13))).toEqual([SAME, OTHER, FEW, NONE].map((key) => [key, 13, 'WHOLE']));
  });

  it('leaves out what is farther and has other keypoints', () => {
    expect(found(alike(14))).toEqual([SAME, FEW, NONE].map((key) => [key, 14, 'WHOLE']));
  });

  it('is nearer where one has too few keypoints to tell', () => {
    const few = firstOf(randomKeypoints(random(9), 48), 7);
    expect(found(alike(31), few)).toEqual([SAME, OTHER, FEW, NONE].map((key) => [key, 31, 'WHOLE']));
    expect(found(alike(32), few)).toEqual([]);
    expect(found(alike(31))).toEqual([SAME, FEW, NONE].map((key) => [key, 31, 'WHOLE']));
    expect(found(alike(32))).toEqual([[SAME, 32, 'WHOLE']]);
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
      expect(findLikenesses({ descriptor, keypoints }, { search, keypoints: indexed() })[0]).toMatchObject({
        key: SAME,
        rank: 5,
        found: 'WHOLE',
      });
    findLikenesses({ descriptor, keypoints: many }, { search, keypoints: null });
    expect(asked).toEqual(['MIDDLE', 'ALL', 'ALL', 'ALL']);
    const nothing = findLikenesses({ descriptor: null, keypoints: null }, { search, keypoints: null });
    expect([nothing, asked.length]).toEqual([[], 4]);
  });

  it('is what hashes find where keypoints are not asked', () => {
    expect(wholeLikenesses([{ key: OTHER, rank: 60 }])).toEqual([
      { key: OTHER, rank: 60, found: 'WHOLE', part: null },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { KeypointIndex } from '#src/embedded/keypoints/keypoint-index.js';
import type { Keypoints } from '#src/embedded/keypoints/keypoints.js';
import { mergedLikenesses, wholeLikenesses } from '#src/embedded/search/query-plan.js';
import { random } from '../hashes.js';
import { randomKeypoints } from '../keypoints/random-keypoints.js';

const [SAME, OTHER, FEW, NONE] = [1, 2, 3, 4];
const ASKED = randomKeypoints(random(1), 48);

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
  index.add(FEW, randomKeypoints(random(3), 15));
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

  it('leaves out what is farther and has other keypoints, unless one has too few to tell', () => {
    expect(found(alike(14))).toEqual([SAME, FEW, NONE].map((key) => [key, 14, 'WHOLE']));
    const few = firstOf(randomKeypoints(random(9), 48), 15);
    expect(found(alike(14), few)).toEqual([SAME, OTHER, FEW, NONE].map((key) => [key, 14, 'WHOLE']));
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
    const matches = mergedLikenesses([{ key: NONE, rank: 67 }], ASKED, index);
    expect(matches.map(({ key, found: kind }) => [key, kind])).toEqual([
      [NONE, 'WHOLE'],
      [SAME, 'PART'],
      [5, 'PART'],
    ]);
    const ranks = matches.map(({ rank }) => rank);
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(ranks.every(Number.isInteger)).toBe(true);
    expect(ranks[1]).toBeGreaterThan(67);
  });

  it('is what hashes find where keypoints are not asked', () => {
    expect(wholeLikenesses([{ key: OTHER, rank: 60 }])).toEqual([
      { key: OTHER, rank: 60, found: 'WHOLE', part: null },
    ]);
  });
});

import type { Pair } from '#src/embedded/keypoints/agreement.js';
import type { KeypointMatch } from '#src/embedded/keypoints/keypoint-index.js';
import { KEPT_KEYPOINTS, type Keypoints, unpackPlace } from '#src/embedded/keypoints/keypoints.js';
import { mirroredPlace } from '#src/embedded/keypoints/mirror.js';
import { MOST_DISTANCE, type Probe, probesOf } from '#src/embedded/keypoints/probe.js';
import { rarityOf } from '#src/embedded/keypoints/rarity.js';
import { plainAgreement } from './plain-agreement.js';

const ones = (bits: number) => (bits >>> 0).toString(2).replaceAll('0', '').length;

/** The keypoint that is nearest to a probe, the first one of them; null where none is alike. */
function nearest(
  { low, high, strict }: Probe,
  stored: Keypoints,
): { index: number; distance: number } | null {
  let best = null;
  for (let index = 0; index < Math.min(stored.count, KEPT_KEYPOINTS); index++) {
    if (((stored.low[index]! ^ low) & strict) !== 0) continue;
    const distance = ones(stored.low[index]! ^ low) + ones(stored.high[index]! ^ high);
    if (distance <= MOST_DISTANCE && distance < (best?.distance ?? Infinity)) best = { index, distance };
  }
  return best;
}

/** What the rule of a search says of one mirror image of the query, picture by picture. */
function pairsByKey(pictures: ReadonlyMap<number, Keypoints>, query: Keypoints, mirrored: boolean) {
  const pairs = new Map<number, Pair[]>();
  for (const [queryIndex, probe] of probesOf(query, mirrored).entries()) {
    const having = [...pictures].flatMap(([key, stored]) => {
      const found = nearest(probe, stored);
      return found ? [{ key, stored, ...found }] : [];
    });
    const rarity = rarityOf(having.length, pictures.size);
    if (rarity === 0) continue;
    for (const { key, stored, index, distance } of having) {
      const own = unpackPlace(query.places[queryIndex]!);
      const pair = {
        query: mirrored ? mirroredPlace(own, query.width) : own,
        stored: unpackPlace(stored.places[index]!),
        queryIndex,
        storedIndex: index,
        weight: rarity * (1 - (0.6 * distance) / MOST_DISTANCE),
      };
      pairs.set(key, [...(pairs.get(key) ?? []), pair]);
    }
  }
  return pairs;
}

/** A search by comparing all keypoints with all others: the 40 pictures with the most votes of each mirror image count. */
export function plainSearch(
  pictures: ReadonlyMap<number, Keypoints>,
  query: Keypoints,
  asked: ReadonlySet<number>,
  mirrors = [false, true],
): KeypointMatch[] {
  const best = new Map<number, KeypointMatch>();
  for (const mirrored of mirrors) {
    const listed = [...pairsByKey(pictures, query, mirrored)]
      .filter(([, pairs]) => pairs.length >= 3)
      .map(([key, pairs]) => ({ key, pairs, weight: pairs.reduce((sum, { weight }) => sum + weight, 0) }))
      .sort((a, b) => b.weight - a.weight || a.key - b.key)
      .filter(({ key }, place) => place < 40 || asked.has(key));
    for (const { key, pairs } of listed) {
      const agreement = plainAgreement(
        pairs.sort((a, b) => b.weight - a.weight || a.queryIndex - b.queryIndex),
      );
      if (agreement && agreement.score > (best.get(key)?.score ?? 0))
        best.set(key, { ...agreement, key, mirrored });
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score || a.key - b.key);
}

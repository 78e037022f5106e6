import type { Look } from '#src/embedded/duplicates/look-comparison.js';
import { KeypointIndex } from '#src/embedded/keypoints/keypoint-index.js';
import { VisualIndex } from '#src/embedded/search/visual-index.js';
import type { OpenGroup, PairLikeness } from '#src/services/duplicates.js';
import { type HashChunks, hammingDistance } from '#src/services/hamming-distance.js';
import { isPlainHash } from '#src/services/likeness.js';

/** What entries are compared by. */
export interface Picture {
  hash: HashChunks;
  /** Null where its bytes are no image's. */
  look: Look | null;
}

export type Pictures = ReadonlyMap<string, Picture>;

const ORDER: readonly PairLikeness[] = ['NEARLY_CERTAIN', 'LIKELY', 'POSSIBLE'];

/** What was searched for already, as each check looks at all pairs. */
const ranks = new WeakMap<Look, WeakMap<Look, number>>();
const index = new VisualIndex();

/** The rank of one picture in a search by another one; 0 where it is not found. */
function found(stored: Look, query: Look): number {
  const known = ranks.get(stored) ?? new WeakMap<Look, number>();
  ranks.set(stored, known);
  if (!known.has(query)) known.set(query, searched(stored, query));
  return known.get(query)!;
}

function searched(stored: Look, query: Look): number {
  index.add(1, stored.descriptor);
  const rank = index.search(query.descriptor)[0]?.rank ?? 0;
  if (rank <= 41) return rank;
  if (!stored.keypoints || !query.keypoints) return 0;
  const keypoints = new KeypointIndex();
  keypoints.add(1, stored.keypoints);
  const [agreement] = keypoints.search(query.keypoints, new Set([1]));
  return agreement && agreement.score >= 0.4 ? rank : 0;
}

/** The rank of a pair by look: each finds the other, to 41 by hashes alone, and beyond with keypoints that agree. */
export function rankOfPair(a: Picture, b: Picture): number | null {
  if (!a.look || !b.look) return null;
  const [there, back] = [found(a.look, b.look), found(b.look, a.look)];
  return there && back ? Math.max(there, back) : null;
}

/** How sure a pair is, by the words of docs/similarity.md; null for none. */
export function pairLikeness(a: Picture, b: Picture): PairLikeness | null {
  const distance = hammingDistance(a.hash, b.hash);
  const rank = rankOfPair(a, b);
  const isPlain = isPlainHash(a.hash) || isPlainHash(b.hash);
  if ((!isPlain && distance <= 4) || (rank && rank <= 13)) return 'NEARLY_CERTAIN';
  if ((!isPlain && distance <= 10) || rank) return 'LIKELY';
  return distance <= 4 ? 'POSSIBLE' : null;
}

/** In bits of a dHash: ranks to 13 are up to 4 bits, those to 67 up to 10. */
function apart(a: Picture, b: Picture): number {
  const byHash = hammingDistance(a.hash, b.hash);
  const rank = rankOfPair(a, b);
  if (!rank) return byHash;
  const byLook = rank <= 13 ? Math.ceil((4 * rank) / 13) : 4 + Math.ceil((rank - 13) / 9);
  return Math.min(byHash, byLook);
}

export const isPair = (a: Picture, b: Picture, asked: PairLikeness) => {
  const likeness = pairLikeness(a, b);
  return likeness !== null && ORDER.indexOf(likeness) <= ORDER.indexOf(asked);
};

/** Everything that chains of open pairs lead to, for each entry that has one; each in the order of its hashes. */
export function components(
  pictures: Pictures,
  asked: PairLikeness,
  isDecided: (a: string, b: string) => boolean = () => false,
): string[][] {
  const all = [...pictures].sort(([a], [b]) => (a < b ? -1 : 1));
  const seen = new Set<string>();
  const chains: string[][] = [];
  for (const [first] of all) {
    if (seen.has(first)) continue;
    const component = [first];
    seen.add(first);
    for (const member of component) {
      for (const [other, picture] of all) {
        if (seen.has(other) || isDecided(member, other) || !isPair(pictures.get(member)!, picture, asked))
          continue;
        seen.add(other);
        component.push(other);
      }
    }
    if (component.length > 1) chains.push(component.sort());
  }
  return chains;
}

/** The longest of the shortest ways from member to member. */
export function widestOf(members: readonly string[], pictures: Pictures): number {
  const own = members.map((name) => pictures.get(name)!);
  const ways = own.map((a) => own.map((b) => (a === b ? 0 : apart(a, b))));
  for (const over of own.keys())
    for (const from of own.keys())
      for (const to of own.keys())
        ways[from]![to] = Math.min(ways[from]![to]!, ways[from]![over]! + ways[over]![to]!);
  return Math.max(...ways.flat());
}

export const THRESHOLD: Readonly<Record<PairLikeness, number>> = {
  NEARLY_CERTAIN: 4,
  LIKELY: 10,
  POSSIBLE: 10,
};

/** What is wrong with groups, by what is promised of them; nothing where they are right. */
export function problemsOf(
  groups: readonly OpenGroup[],
  pictures: Pictures,
  asked: PairLikeness,
  isDecided: (a: string, b: string) => boolean = () => false,
): string[] {
  const problems: string[] = [];
  const inGroups = groups.flatMap(({ contentHashes }) => contentHashes);
  if (new Set(inGroups).size < inGroups.length) problems.push('An entry is in two groups.');
  for (const { contentHashes, widest, likeness } of groups) {
    const name = contentHashes.join(' ');
    const own = new Map(contentHashes.map((hash) => [hash, pictures.get(hash)!]));
    if ([...own.values()].some((picture) => !picture)) {
      problems.push(`${name}: a member is gone.`);
      continue;
    }
    if (contentHashes.length > 100 || contentHashes.length < 2) problems.push(`${name}: the size.`);
    if (widest !== widestOf(contentHashes, own)) problems.push(`${name}: widest ${widest}.`);
    if (widest > 2 * THRESHOLD[asked]) problems.push(`${name}: too wide.`);
    if (components(own, asked, isDecided)[0]?.length !== own.size) problems.push(`${name}: no chain.`);
    const surest = ORDER.find((each) => components(own, each)[0]?.length === own.size);
    if (likeness !== surest) problems.push(`${name}: ${likeness} instead of ${surest}.`);
  }
  const names = new Set(groups.map(({ contentHashes }) => contentHashes.join(' ')));
  const grouped = new Set(inGroups);
  for (const component of components(pictures, asked, isDecided)) {
    const fits = component.length <= 100 && widestOf(component, pictures) <= 2 * THRESHOLD[asked];
    if (fits && !names.has(component.join(' '))) problems.push(`${component.join(' ')}: not a group.`);
    if (!component.some((hash) => grouped.has(hash))) problems.push(`${component[0]}: nothing of its chain.`);
  }
  return problems;
}

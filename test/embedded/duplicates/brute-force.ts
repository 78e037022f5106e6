import type { OpenGroup, PairLikeness } from '#src/services/duplicates.js';
import { type HashChunks, hammingDistance } from '#src/services/hamming-distance.js';
import { isPlainHash } from '#src/services/likeness.js';

export type Hashes = ReadonlyMap<string, HashChunks>;

const ORDER: readonly PairLikeness[] = ['NEARLY_CERTAIN', 'LIKELY', 'POSSIBLE'];

/** How sure a pair is, by the words of docs/similarity.md; null for none. */
export function pairLikeness(a: HashChunks, b: HashChunks): PairLikeness | null {
  const distance = hammingDistance(a, b);
  if (isPlainHash(a) || isPlainHash(b)) return distance <= 4 ? 'POSSIBLE' : null;
  if (distance <= 4) return 'NEARLY_CERTAIN';
  return distance <= 10 ? 'LIKELY' : null;
}

export const isPair = (a: HashChunks, b: HashChunks, asked: PairLikeness) => {
  const likeness = pairLikeness(a, b);
  return likeness !== null && ORDER.indexOf(likeness) <= ORDER.indexOf(asked);
};

/** Everything that chains of open pairs lead to, for each entry that has one; each in the order of its hashes. */
export function components(
  hashes: Hashes,
  asked: PairLikeness,
  isDecided: (a: string, b: string) => boolean = () => false,
): string[][] {
  const all = [...hashes].sort(([a], [b]) => (a < b ? -1 : 1));
  const seen = new Set<string>();
  const found: string[][] = [];
  for (const [first] of all) {
    if (seen.has(first)) continue;
    const component = [first];
    seen.add(first);
    for (const member of component) {
      for (const [other, hash] of all) {
        if (seen.has(other) || isDecided(member, other) || !isPair(hashes.get(member)!, hash, asked))
          continue;
        seen.add(other);
        component.push(other);
      }
    }
    if (component.length > 1) found.push(component.sort());
  }
  return found;
}

export function widestOf(members: readonly string[], hashes: Hashes): number {
  return Math.max(
    ...members.flatMap((a) => members.map((b) => hammingDistance(hashes.get(a)!, hashes.get(b)!))),
  );
}

export const THRESHOLD: Readonly<Record<PairLikeness, number>> = {
  NEARLY_CERTAIN: 4,
  LIKELY: 10,
  POSSIBLE: 10,
};

/** What is wrong with groups, by what is promised of them; nothing where they are right. */
export function problemsOf(
  groups: readonly OpenGroup[],
  hashes: Hashes,
  asked: PairLikeness,
  isDecided: (a: string, b: string) => boolean = () => false,
): string[] {
  const problems: string[] = [];
  const inGroups = groups.flatMap(({ contentHashes }) => contentHashes);
  if (new Set(inGroups).size < inGroups.length) problems.push('An entry is in two groups.');
  for (const { contentHashes, widest, likeness } of groups) {
    const name = contentHashes.join(' ');
    const own = new Map(contentHashes.map((hash) => [hash, hashes.get(hash)!]));
    if ([...own.values()].some((hash) => !hash)) problems.push(`${name}: a member is gone.`);
    if (contentHashes.length > 100 || contentHashes.length < 2) problems.push(`${name}: the size.`);
    if (widest !== widestOf(contentHashes, own)) problems.push(`${name}: widest ${widest}.`);
    if (widest > 2 * THRESHOLD[asked]) problems.push(`${name}: too wide.`);
    if (components(own, asked, isDecided)[0]?.length !== own.size) problems.push(`${name}: no chain.`);
    const surest = ORDER.find((each) => components(own, each)[0]?.length === own.size);
    if (likeness !== surest) problems.push(`${name}: ${likeness} instead of ${surest}.`);
  }
  const names = new Set(groups.map(({ contentHashes }) => contentHashes.join(' ')));
  const grouped = new Set(inGroups);
  for (const component of components(hashes, asked, isDecided)) {
    const fits = component.length <= 100 && widestOf(component, hashes) <= 2 * THRESHOLD[asked];
    if (fits && !names.has(component.join(' '))) problems.push(`${component.join(' ')}: not a group.`);
    if (!component.some((hash) => grouped.has(hash))) problems.push(`${component[0]}: nothing of its chain.`);
  }
  return problems;
}

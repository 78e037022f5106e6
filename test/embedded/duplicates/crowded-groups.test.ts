import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findGroups } from '#src/embedded/duplicates/find-groups.js';
import { MemberDistances } from '#src/embedded/duplicates/member-distances.js';
import { between, isAsSure, type Neighbour, THRESHOLDS } from '#src/embedded/duplicates/pair-rule.js';
import type { GroupedEntry, Pairs } from '#src/embedded/duplicates/pairs.js';
import { MAX_MEMBERS, PAIR_LIKENESSES, type PairLikeness } from '#src/services/duplicates.js';
import { isPlainHash } from '#src/services/likeness.js';
import { randomRuns } from '../../harness/repetitions.js';
import { near, photographHash, random } from '../hashes.js';

const RUNS = randomRuns(40);

/** Entries of which hundreds are near one hash, with looks of some pairs and decisions about others. */
function crowd(seed: number): { entries: GroupedEntry[]; pairs: Pairs<GroupedEntry> } {
  const next = random(seed);
  const centres = Array.from({ length: 3 }, () => photographHash(next));
  centres.push([0, 0, 0, 0]);
  const count = 130 + Math.floor(next() * 200);
  const entries = Array.from({ length: count }, (_, place): GroupedEntry => {
    const centre = centres[Math.floor(next() ** 3 * centres.length)]!;
    const hash = near(centre, Math.floor(next() * 5), next);
    return { contentHash: String(place).padStart(6, '0'), hash, isPlain: isPlainHash(hash) };
  });
  const some = () => entries[Math.floor(next() * count)]!;
  const ranks = new Map<GroupedEntry, Map<GroupedEntry, number>>(entries.map((entry) => [entry, new Map()]));
  const decided = new Map<GroupedEntry, Set<GroupedEntry>>(entries.map((entry) => [entry, new Set()]));
  for (let nth = 0; nth < count / 2; nth++) {
    const [a, b, rank] = [some(), some(), 1 + Math.floor(next() * 60)];
    if (a !== b)
      for (const [one, other] of [
        [a, b],
        [b, a],
      ] as const)
        ranks.get(one)!.set(other, rank);
  }
  // Of one entry so many that few open pairs are left, of others now and then one.
  const first = some();
  for (let nth = 0; nth < count; nth++) {
    const [a, b] = [nth < count / 2 ? first : some(), some()];
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      decided.get(one)!.add(other);
  }
  const pairs: Pairs<GroupedEntry> = {
    between: (a, b) => between(a, b, ranks.get(a)!.get(b) ?? null),
    byLook: (entry) => [...ranks.get(entry)!.keys()],
    isDecided: (a, b) => decided.get(a)!.has(b),
    neighbours: (entry, asked) => openPairs(entry, asked, entries, pairs).reverse(),
  };
  return { entries, pairs };
}

/** All pairs of an entry that are open, the nearest first, then by content hash. */
function openPairs(
  entry: GroupedEntry,
  asked: PairLikeness,
  entries: readonly GroupedEntry[],
  pairs: Pairs<GroupedEntry>,
): Neighbour<GroupedEntry>[] {
  return entries
    .flatMap((other): Neighbour<GroupedEntry>[] => {
      const { distance, likeness } = pairs.between(entry, other);
      const isOpen = other !== entry && isAsSure(likeness, asked) && !pairs.isDecided(entry, other);
      return isOpen ? [{ entry: other, distance, likeness: likeness! }] : [];
    })
    .sort((a, b) => a.distance - b.distance || (a.entry.contentHash < b.entry.contentHash ? -1 : 1));
}

/** The members of groups as the doc comment of findGroups says it, each time from the list of all pairs. */
function listedGroups(entries: readonly GroupedEntry[], asked: PairLikeness, pairs: Pairs<GroupedEntry>) {
  const near = new Map(entries.map((entry) => [entry, openPairs(entry, asked, entries, pairs)]));
  const taken = new Set<GroupedEntry>();
  const widest = 2 * THRESHOLDS[asked];
  const groups: string[][] = [];
  for (const first of entries) {
    if (taken.has(first)) continue;
    const onward = (member: GroupedEntry) => {
      const all = near.get(member)!;
      if (member !== first && all.length >= MAX_MEMBERS) return [];
      return all.map(({ entry }) => entry).filter((entry) => !taken.has(entry));
    };
    const chain = new Set([first]);
    for (const member of chain) for (const entry of onward(member)) chain.add(entry);
    let members = new MemberDistances(pairs);
    for (const entry of chain) members.add(entry, members.to(entry));
    if (chain.size > MAX_MEMBERS || members.widest > widest) {
      members = new MemberDistances(pairs);
      members.add(first, []);
      for (const member of members.all)
        for (const entry of onward(member)) {
          if (members.size === MAX_MEMBERS || members.has(entry)) continue;
          const distances = members.to(entry);
          if (distances.every((distance) => distance <= widest)) members.add(entry, distances);
        }
    }
    if (members.size === 1) continue;
    for (const member of members.all) taken.add(member);
    groups.push([...members.all].map(({ contentHash }) => contentHash).sort());
  }
  return groups;
}

it('groups of hundreds that look alike are those that a list of all pairs gives', () => {
  let full = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 30 }),
      fc.constantFrom(...PAIR_LIKENESSES),
      (seed, likeness) => {
        const { entries, pairs } = crowd(seed);
        const found = findGroups(entries, likeness, pairs).map(({ group }) => group.contentHashes);
        expect(found).toEqual(listedGroups(entries, likeness, pairs));
        full += found.filter(({ length }) => length === MAX_MEMBERS).length;
      },
    ),
    { numRuns: RUNS },
  );
  expect(full).toBeGreaterThan(RUNS / 2);
});

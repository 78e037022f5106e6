import {
  MAX_MEMBERS,
  type OpenGroup,
  PAIR_LIKENESSES,
  type PairLikeness,
} from '../../services/duplicates.js';
import type { Neighbour } from './entry-links.js';
import { apart, type Comparable, isAsSure, likenessOfPair, THRESHOLDS } from './pair-rule.js';

/** An entry whose content hash is known. */
export interface GroupedEntry extends Comparable {
  readonly contentHash: string;
}

/** The pairs that groups are made of. */
export interface Pairs<E extends GroupedEntry> {
  /** The pairs of an entry that are at least so sure and of which nobody has decided, in any order. */
  neighbours(entry: E, likeness: PairLikeness): readonly Neighbour<E>[];
}

/**
 * Groups entries by chains of pairs. They are the same for the same pairs, in whatever order those came.
 *
 * A chain that stays within twice the threshold, of MAX_MEMBERS at most, is one group. A longer one is cut: the entry with
 * the least content hash begins a group, and takes the nearest that belong to no other one, then those that are nearest
 * to these, as long as no two members are farther apart than that. Chains do not go on through an entry with MAX_MEMBERS
 * pairs or more, of which one group cannot hold all anyway: else thousands of copies of one picture would be looked
 * through for each of their groups.
 *
 * What is left over is grouped once the others are decided.
 *
 * @param entries by content hash
 */
export function findGroups<E extends GroupedEntry>(
  entries: readonly E[],
  likeness: PairLikeness,
  pairs: Pairs<E>,
): OpenGroup[] {
  const taken = new Set<E>();
  const groups: OpenGroup[] = [];
  for (const entry of entries) {
    if (taken.has(entry)) continue;
    const members = growGroup(entry, likeness, pairs, taken);
    if (members.length === 1) continue;
    for (const member of members) taken.add(member);
    groups.push(describeGroup(members, likeness));
  }
  return groups;
}

function growGroup<E extends GroupedEntry>(
  first: E,
  likeness: PairLikeness,
  pairs: Pairs<E>,
  taken: ReadonlySet<E>,
): E[] {
  const widest = 2 * THRESHOLDS[likeness];
  const members = new Set([first]);
  for (const member of members) {
    const near = pairs.neighbours(member, likeness);
    if (member !== first && near.length >= MAX_MEMBERS) continue;
    const free = near.filter(({ entry }) => !taken.has(entry) && !members.has(entry));
    for (const { entry } of free.sort(compareNeighbours)) {
      if (members.size === MAX_MEMBERS) return [...members];
      if ([...members].every((other) => apart(entry, other) <= widest)) members.add(entry);
    }
  }
  return [...members];
}

function compareNeighbours(a: Neighbour<GroupedEntry>, b: Neighbour<GroupedEntry>): number {
  return a.distance - b.distance || (a.entry.contentHash < b.entry.contentHash ? -1 : 1);
}

function describeGroup(members: readonly GroupedEntry[], asked: PairLikeness): OpenGroup {
  let widest = 0;
  for (const [at, member] of members.entries())
    for (const other of members.slice(at + 1)) widest = Math.max(widest, apart(member, other));
  const hashes = members.map(({ contentHash }) => contentHash).sort();
  const likeness = PAIR_LIKENESSES.find((each) => each === asked || isOneChain(members, each))!;
  return { contentHashes: hashes as [string, ...string[]], widest, likeness };
}

/** Whether pairs that are so sure hold all members together. */
function isOneChain(members: readonly GroupedEntry[], likeness: PairLikeness): boolean {
  const [first, ...others] = members;
  const left = new Set(others);
  const reached = new Set([first!]);
  for (const member of reached) {
    for (const other of left) {
      if (!isAsSure(likenessOfPair(member, other, apart(member, other)), likeness)) continue;
      reached.add(other);
      left.delete(other);
    }
  }
  return left.size === 0;
}

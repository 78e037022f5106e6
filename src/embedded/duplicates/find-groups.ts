import {
  MAX_MEMBERS,
  type OpenGroup,
  PAIR_LIKENESSES,
  type PairLikeness,
} from '../../services/duplicates.js';
import { MemberDistances } from './member-distances.js';
import { isAsSure, type Neighbour, THRESHOLDS } from './pair-rule.js';
import type { GroupedEntry, Pairs } from './pairs.js';
import { Ungrouped } from './ungrouped.js';

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
 * @param entries by content hash; with each of them all others of its chain
 */
export function findGroups<E extends GroupedEntry>(
  entries: readonly E[],
  likeness: PairLikeness,
  pairs: Pairs<E>,
): FoundGroup<E>[] {
  const ungrouped = new Ungrouped(entries, pairs);
  const groups: FoundGroup<E>[] = [];
  for (const entry of entries) {
    if (!ungrouped.has(entry)) continue;
    const chain = new Chain(entry, likeness, pairs, ungrouped);
    const members = chain.whole() ?? chain.cut();
    if (members.size === 1) continue;
    for (const member of members.all) ungrouped.remove(member);
    const group = { ...describeGroup(members), likeness: chain.surest(members.all) };
    groups.push({ group, members: [...members.all] });
  }
  return groups;
}

/** A group, and its entries in any order. */
export interface FoundGroup<E> {
  readonly group: OpenGroup;
  readonly members: readonly E[];
}

/** The entries that chains of pairs lead to from one of them. */
class Chain<E extends GroupedEntry> {
  readonly #first: E;
  readonly #asked: PairLikeness;
  readonly #pairs: Pairs<E>;
  readonly #ungrouped: Ungrouped<E>;
  readonly #near = new Map<E, readonly Neighbour<E>[]>();

  constructor(first: E, asked: PairLikeness, pairs: Pairs<E>, ungrouped: Ungrouped<E>) {
    this.#first = first;
    this.#asked = asked;
    this.#pairs = pairs;
    this.#ungrouped = ungrouped;
  }

  /** All of it; null where it has too many members, or is too wide. */
  whole(): MemberDistances<E> | null {
    const found = new Set([this.#first]);
    for (const member of found) {
      for (const entry of this.#onwardFrom(member)) if (found.add(entry).size > MAX_MEMBERS) return null;
    }
    const members = new MemberDistances<E>(this.#pairs);
    for (const entry of found) members.add(entry, members.to(entry));
    return members.widest <= this.#widest ? members : null;
  }

  /** Those that are nearest to the first, and to these. */
  cut(): MemberDistances<E> {
    const members = new MemberDistances<E>(this.#pairs);
    members.add(this.#first, []);
    for (const member of members.all) {
      for (const entry of this.#onwardFrom(member)) {
        if (members.size === MAX_MEMBERS) return members;
        if (members.has(entry)) continue;
        const distances = members.to(entry);
        if (distances.every((distance) => distance <= this.#widest)) members.add(entry, distances);
      }
    }
    return members;
  }

  /** The surest likeness at which pairs hold all members together. */
  surest(members: Iterable<E>): PairLikeness {
    return PAIR_LIKENESSES.find((each) => each === this.#asked || this.#isOneChain(members, each))!;
  }

  get #widest(): number {
    return 2 * THRESHOLDS[this.#asked];
  }

  /** Where a chain goes on from one of it, the nearest first. */
  #onwardFrom(member: E): Iterable<E> {
    const near = this.#nearOf(member);
    if (near.length < MAX_MEMBERS)
      return this.#ungrouped.nearestFirst(near.filter(({ entry }) => this.#ungrouped.has(entry)));
    return member === this.#first ? this.#ungrouped.nearestTo(member, this.#asked) : [];
  }

  /** The pairs of an entry; of MAX_MEMBERS or more some. */
  #nearOf(entry: E): readonly Neighbour<E>[] {
    const near = this.#near.get(entry) ?? firstOf(this.#pairs.neighbours(entry, this.#asked), MAX_MEMBERS);
    this.#near.set(entry, near);
    return near;
  }

  /** Whether pairs that are so sure hold all members together. */
  #isOneChain(members: Iterable<E>, likeness: PairLikeness): boolean {
    const left = new Set(members);
    left.delete(this.#first);
    const reached = new Set([this.#first]);
    for (const member of reached) {
      for (const other of left) {
        if (!isAsSure(this.#pairs.between(member, other).likeness, likeness)) continue;
        reached.add(other);
        left.delete(other);
      }
    }
    return left.size === 0;
  }
}

function describeGroup(members: MemberDistances<GroupedEntry>): Pick<OpenGroup, 'contentHashes' | 'widest'> {
  const hashes = [...members.all].map(({ contentHash }) => contentHash).sort();
  return { contentHashes: hashes as [string, ...string[]], widest: members.widest };
}

/** So many of some, or all of fewer. */
export function firstOf<T>(all: Iterable<T>, limit: number): T[] {
  const first: T[] = [];
  for (const each of all) if (first.push(each) === limit) break;
  return first;
}

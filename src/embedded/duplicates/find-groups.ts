import {
  MAX_MEMBERS,
  type OpenGroup,
  PAIR_LIKENESSES,
  type PairLikeness,
} from '../../services/duplicates.js';
import { MemberDistances } from './member-distances.js';
import { type Between, type Comparable, isAsSure, type Neighbour, THRESHOLDS } from './pair-rule.js';

/** An entry whose content hash is known. */
export interface GroupedEntry extends Comparable {
  readonly contentHash: string;
}

/** The pairs that groups are made of. */
export interface Pairs<E extends GroupedEntry> {
  /** The pairs of an entry that are at least so sure and of which nobody has decided, in any order. */
  neighbours(entry: E, likeness: PairLikeness): readonly Neighbour<E>[];
  /** How far two are apart, and how sure a pair they are, whatever was decided of them. */
  between(a: E, b: E): Between;
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
    const chain = new Chain(entry, likeness, pairs, taken);
    const members = chain.whole() ?? chain.cut();
    if (members.size === 1) continue;
    for (const member of members.all) taken.add(member);
    groups.push({ ...describeGroup(members), likeness: chain.surest(members.all) });
  }
  return groups;
}

/** The entries that chains of pairs lead to from one of them. */
class Chain<E extends GroupedEntry> {
  readonly #first: E;
  readonly #asked: PairLikeness;
  readonly #pairs: Pairs<E>;
  /** Those that belong to other groups. */
  readonly #taken: ReadonlySet<E>;
  readonly #near = new Map<E, readonly Neighbour<E>[]>();

  constructor(first: E, asked: PairLikeness, pairs: Pairs<E>, taken: ReadonlySet<E>) {
    this.#first = first;
    this.#asked = asked;
    this.#pairs = pairs;
    this.#taken = taken;
  }

  /** All of it; null where it has too many members, or is too wide. */
  whole(): MemberDistances<E> | null {
    const found = new Set([this.#first]);
    for (const member of found) {
      for (const { entry } of this.#onwardFrom(member)) found.add(entry);
      if (found.size > MAX_MEMBERS) return null;
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
      for (const { entry } of [...this.#onwardFrom(member)].sort(compareNeighbours)) {
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

  #nearOf(entry: E): readonly Neighbour<E>[] {
    const near = this.#near.get(entry) ?? this.#pairs.neighbours(entry, this.#asked);
    this.#near.set(entry, near);
    return near;
  }

  #onwardFrom(member: E): readonly Neighbour<E>[] {
    const near = this.#nearOf(member);
    if (member !== this.#first && near.length >= MAX_MEMBERS) return [];
    return near.filter(({ entry }) => !this.#taken.has(entry));
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

function compareNeighbours(a: Neighbour<GroupedEntry>, b: Neighbour<GroupedEntry>): number {
  return a.distance - b.distance || (a.entry.contentHash < b.entry.contentHash ? -1 : 1);
}

function describeGroup(members: MemberDistances<GroupedEntry>): Pick<OpenGroup, 'contentHashes' | 'widest'> {
  const hashes = [...members.all].map(({ contentHash }) => contentHash).sort();
  return { contentHashes: hashes as [string, ...string[]], widest: members.widest };
}

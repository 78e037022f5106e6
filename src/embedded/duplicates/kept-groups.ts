import { MAX_MEMBERS, type OpenGroup, type PairLikeness } from '../../services/duplicates.js';
import { compareGroupPositions, positionOf } from '../../services/group-order.js';
import { type FoundGroup, findGroups, firstOf } from './find-groups.js';
import type { GroupedEntry, Pairs } from './pairs.js';

/** Of more changed entries, or longer chains, all groups are made anew. */
const MOST_CHANGED = 2000;

/** An entry as it is known by its seq. */
export interface KeptEntry extends GroupedEntry {
  readonly seq: number;
}

/** The entries that groups are made of. */
export interface KeptEntries<E extends KeptEntry> {
  /** Those that are one of a pair, or were, in any order; of those whose content hash has to be read yet the seqs. */
  all(): { known: readonly E[]; unknown: readonly number[] };
  /** Null where it is none of them; undefined where its content hash has to be read yet. */
  get(seq: number): E | null | undefined;
}

/**
 * The groups at one likeness. After a change only those are made anew that chains of pairs lead to from where it was: others
 * are as they were, as groups depend on the entries of their chain alone.
 */
export class KeptGroups<E extends KeptEntry> {
  readonly #likeness: PairLikeness;
  readonly #entries: KeptEntries<E>;
  readonly #pairs: Pairs<E>;
  /** The seqs of entries whose pairs have changed since; null where all have. */
  #changed: Set<number> | null = null;
  #list: readonly OpenGroup[] = [];
  /** By the seq of each member. */
  readonly #groups = new Map<number, FoundGroup<E>>();
  readonly #byContentHash = new Map<string, OpenGroup>();

  constructor(likeness: PairLikeness, entries: KeptEntries<E>, pairs: Pairs<E>) {
    this.#likeness = likeness;
    this.#entries = entries;
    this.#pairs = pairs;
  }

  /** Takes note of an entry whose pairs have changed. */
  change(seq: number): void {
    this.#changed?.add(seq);
    if (this.#changed && this.#changed.size > MOST_CHANGED) this.#changed = null;
  }

  /** In their order. */
  get list(): readonly OpenGroup[] {
    return this.#list;
  }

  /** The one with this member. */
  find(contentHash: string): OpenGroup | null {
    return this.#byContentHash.get(contentHash) ?? null;
  }

  /** Brings the groups up to date. An entry whose content hash is not read yet stays for the next time. */
  update(): void {
    if (this.#changed?.size === 0) return;
    const chains = this.#changed && this.#chainsFrom(this.#changed);
    if (this.#changed && chains) {
      const gone = this.#remove([...this.#changed, ...chains.map(({ seq }) => seq)]);
      const left = this.#list.filter((group) => !gone.has(group));
      this.#changed = new Set([...this.#changed].filter((seq) => this.#entries.get(seq) === undefined));
      this.#group(chains, left);
      return;
    }
    const { known, unknown } = this.#entries.all();
    this.#groups.clear();
    this.#byContentHash.clear();
    this.#changed = new Set(unknown);
    this.#group(known, []);
  }

  /** @param left the groups of other chains */
  #group(entries: readonly E[], left: readonly OpenGroup[]): void {
    const sorted = [...entries].sort((a, b) => (a.contentHash < b.contentHash ? -1 : 1));
    const found = findGroups(sorted, this.#likeness, this.#pairs);
    for (const each of found) this.#add(each);
    this.#list = [...left, ...found.map(({ group }) => group)].sort((a, b) =>
      compareGroupPositions(positionOf(a), positionOf(b)),
    );
  }

  /** All entries of the chains of some; null where these are too many, or have too many pairs. */
  #chainsFrom(seqs: Iterable<number>): E[] | null {
    const found = new Set<E>();
    for (const seq of seqs) {
      const entry = this.#entries.get(seq);
      if (entry) found.add(entry);
    }
    for (const entry of found) {
      const near = firstOf(this.#pairs.neighbours(entry, this.#likeness), MAX_MEMBERS);
      if (near.length >= MAX_MEMBERS || found.size > MOST_CHANGED) return null;
      for (const pair of near) found.add(pair.entry);
    }
    return [...found];
  }

  #add(found: FoundGroup<E>): void {
    for (const { seq, contentHash } of found.members) {
      this.#groups.set(seq, found);
      this.#byContentHash.set(contentHash, found.group);
    }
  }

  #remove(seqs: readonly number[]): ReadonlySet<OpenGroup> {
    const gone = new Set<OpenGroup>();
    for (const seq of seqs) {
      const found = this.#groups.get(seq);
      if (!found) continue;
      gone.add(found.group);
      for (const member of found.members) {
        this.#groups.delete(member.seq);
        this.#byContentHash.delete(member.contentHash);
      }
    }
    return gone;
  }
}

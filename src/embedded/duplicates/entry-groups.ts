import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { GroupPosition, OpenGroup, PairLikeness } from '../../services/duplicates.js';
import { compareGroupPositions, positionOf } from '../../services/group-order.js';
import type { DecisionChange } from '../store/decisions.js';
import type { DuplicateRows } from '../store/open-store.js';
import { DecidedPairs } from './decided-pairs.js';
import type { LinkedEntry } from './entry-links.js';
import { type CompareProgress, EntryPairs } from './entry-pairs.js';
import { type KeptEntries, KeptGroups } from './kept-groups.js';
import type { Neighbour } from './pair-rule.js';
import type { Pairs } from './pairs.js';

/** Of how many entries content hashes are read at once. */
const SLICE_ENTRIES = 20_000;
const SLICE_DECISIONS = 1000;
const SLICE_MS = 20;
/** So few entries are compared before a question about groups is answered; of more, those that are compared by then. */
const FEW = 1000;

type Known = LinkedEntry & { contentHash: string };

type Rows = Pick<DuplicateRows, 'hashes' | 'looks' | 'decisions'>;

/**
 * The open groups of all entries, made from the rows and nothing else, so that every gateway has the same. Before each
 * answer it takes over what came and went since the last one.
 */
export class EntryGroups {
  readonly #rows: Rows;
  readonly #pairs: EntryPairs;
  #decided = new DecidedPairs();
  #decidedTo = 0;
  /** As they were asked for. */
  readonly #groups = new Map<PairLikeness, KeptGroups<Known>>();
  /** The seqs of entries by their content hashes, as far as these were read. */
  readonly #seqs = new Map<string, number>();

  constructor(rows: Rows) {
    this.#rows = rows;
    this.#pairs = new EntryPairs(rows, {
      onChange: (seq) => {
        for (const groups of this.#groups.values()) groups.change(seq);
      },
      onReset: () => this.#forgetDecisions(),
      onLooksReset: () => this.#groups.clear(),
    });
  }

  /** The groups behind a place in their order. */
  async list(
    { likeness, after, limit }: { likeness: PairLikeness; after?: GroupPosition; limit: number },
    signal: AbortSignal,
  ): Promise<OpenGroup[]> {
    const { list } = await this.#present(likeness, signal);
    const behind = after ? list.filter((group) => compareGroupPositions(positionOf(group), after) > 0) : list;
    return behind.slice(0, limit);
  }

  async count(likeness: PairLikeness, signal: AbortSignal): Promise<number> {
    return (await this.#present(likeness, signal)).list.length;
  }

  /** The group that an entry is in. */
  async find(likeness: PairLikeness, contentHash: string, signal: AbortSignal): Promise<OpenGroup | null> {
    return (await this.#present(likeness, signal)).find(contentHash);
  }

  /** The newest decision about a content hash. */
  async decisionOn(contentHash: string): Promise<string | null> {
    await this.#followDecisions();
    return this.#decided.decisionsOn(contentHash).at(-1) ?? null;
  }

  /**
   * Compares all entries that wait for it.
   * @param onProgress told after each part of a long work
   * @param pauseMs after each: as long as one takes, half of the time is left to searches in other threads
   */
  async compareAll(
    signal: AbortSignal,
    onProgress: (progress: CompareProgress) => void,
    pauseMs = SLICE_MS,
  ): Promise<CompareProgress> {
    await this.#pairs.follow(signal);
    while (this.#pairs.waiting > 0) {
      await this.#pairs.compareFor(SLICE_MS);
      onProgress(this.#pairs.progress);
      await sleep(pauseMs, undefined, { signal });
    }
    return this.#pairs.progress;
  }

  async #present(likeness: PairLikeness, signal: AbortSignal): Promise<KeptGroups<Known>> {
    await this.#pairs.follow(signal);
    await this.#followDecisions();
    if (this.#pairs.waiting <= FEW) {
      while (this.#pairs.waiting > 0) {
        await this.#pairs.compareFor(SLICE_MS);
        await setImmediate(undefined, { signal });
      }
    }
    await this.#readContentHashes();
    const groups = this.#groups.get(likeness) ?? new KeptGroups(likeness, this.#known, this.#open);
    this.#groups.set(likeness, groups);
    groups.update();
    return groups;
  }

  readonly #known: KeptEntries<Known> = {
    all: () => {
      const linked = [...this.#pairs.linked()];
      const unknown = linked.filter((entry) => !isKnown(entry)).map(({ seq }) => seq);
      return { known: linked.filter(isKnown), unknown };
    },
    get: (seq) => {
      const entry = this.#pairs.linkedEntry(seq);
      return !entry || isKnown(entry) ? entry : undefined;
    },
  };

  /** The pairs of which nobody has decided. */
  readonly #open: Pairs<Known> = {
    neighbours: (entry, asked) => this.#undecided(entry, this.#pairs.neighbours(entry, asked)),
    byLook: (entry) => [...this.#pairs.byLook(entry)].filter(isKnown),
    between: (a, b) => this.#pairs.between(a, b),
    isDecided: (a, b) => this.#decided.has(a.contentHash, b.contentHash),
  };

  *#undecided(entry: Known, pairs: Iterable<Neighbour<LinkedEntry>>): Iterable<Neighbour<Known>> {
    const isUndecided = this.#decided.decisionsOn(entry.contentHash).length === 0;
    for (const { entry: other, distance, likeness } of pairs) {
      if (!isKnown(other)) continue;
      if (isUndecided || !this.#decided.has(entry.contentHash, other.contentHash))
        yield { entry: other, distance, likeness };
    }
  }

  /** Of those that are one of a pair by now: of one that has gone since, there is none. */
  async #readContentHashes(): Promise<void> {
    const unknown = [...this.#pairs.linked()].filter((entry) => !isKnown(entry));
    for (let start = 0; start < unknown.length; start += SLICE_ENTRIES) {
      const some = unknown.slice(start, start + SLICE_ENTRIES);
      const found = await this.#rows.decisions.contentHashes(some.map(({ seq }) => seq));
      for (const entry of some) {
        entry.contentHash = found.get(entry.seq) ?? null;
        if (entry.contentHash) this.#seqs.set(entry.contentHash, entry.seq);
      }
    }
  }

  async #followDecisions(): Promise<void> {
    for (;;) {
      const after = this.#decidedTo;
      const { changes, position } = await this.#rows.decisions.changes(after, SLICE_DECISIONS);
      // Somebody else may have followed, or all may be void, meanwhile.
      if (this.#decidedTo !== after) continue;
      for (const change of changes) this.#decide(change);
      this.#decidedTo = position;
      if (changes.length < SLICE_DECISIONS) return;
    }
  }

  #decide(change: DecisionChange): void {
    for (const hash of [...this.#decided.hashesOf(change.decisionId), ...change.contentHashes]) {
      const seq = this.#seqs.get(hash);
      if (seq !== undefined) for (const groups of this.#groups.values()) groups.change(seq);
    }
    this.#decided.take(change);
  }

  /** After a restore of the database decisions may be others, too. */
  #forgetDecisions(): void {
    this.#decided = new DecidedPairs();
    this.#decidedTo = 0;
    this.#seqs.clear();
    this.#groups.clear();
  }
}

function isKnown(entry: LinkedEntry): entry is Known {
  return entry.contentHash !== null;
}

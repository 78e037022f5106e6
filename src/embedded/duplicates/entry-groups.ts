import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { GroupPosition, OpenGroup, PairLikeness } from '../../services/duplicates.js';
import { compareGroupPositions, positionOf } from '../../services/group-order.js';
import type { DuplicateRows } from '../store/open-store.js';
import { DecidedPairs } from './decided-pairs.js';
import type { LinkedEntry } from './entry-links.js';
import { type CompareProgress, EntryPairs } from './entry-pairs.js';
import { findGroups } from './find-groups.js';

/** Of how many entries content hashes are read at once. */
const SLICE_ENTRIES = 20_000;
const SLICE_DECISIONS = 1000;
const SLICE_MS = 20;
/** So few entries are compared before a question about groups is answered; of more, those that are compared by then. */
const FEW = 1000;

type Known = LinkedEntry & { contentHash: string };

type Rows = Pick<DuplicateRows, 'hashes' | 'looks' | 'decisions'>;

interface Groups {
  list: readonly OpenGroup[];
  /** By the content hash of each member. */
  byMember: ReadonlyMap<string, OpenGroup>;
}

/**
 * The open groups of all entries, made from the rows and nothing else, so that every gateway has the same. Before each
 * answer it takes over what came and went since the last one.
 */
export class EntryGroups {
  readonly #rows: Rows;
  readonly #pairs: EntryPairs;
  #decided = new DecidedPairs();
  #decidedTo = 0;
  /** Of the present state, as they were asked for. */
  readonly #groups = new Map<PairLikeness, Groups>();
  /** Grows with every change. */
  #state = 0;

  constructor(rows: Rows) {
    this.#rows = rows;
    this.#pairs = new EntryPairs(rows, {
      onChange: () => this.#change(),
      onReset: () => this.#forgetDecisions(),
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
    return (await this.#present(likeness, signal)).byMember.get(contentHash) ?? null;
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

  async #present(likeness: PairLikeness, signal: AbortSignal): Promise<Groups> {
    await this.#pairs.follow(signal);
    await this.#followDecisions();
    if (this.#pairs.waiting <= FEW) {
      while (this.#pairs.waiting > 0) {
        await this.#pairs.compareFor(SLICE_MS);
        await setImmediate(undefined, { signal });
      }
    }
    const known = this.#groups.get(likeness);
    if (known) return known;
    const state = this.#state;
    await this.#readContentHashes();
    const groups = this.#group(likeness);
    // What came meanwhile lacks its content hash.
    if (this.#state === state) this.#groups.set(likeness, groups);
    return groups;
  }

  #group(likeness: PairLikeness): Groups {
    const entries = [...this.#pairs.linked()].filter(isKnown);
    entries.sort((a, b) => (a.contentHash < b.contentHash ? -1 : 1));
    const list = findGroups(entries, likeness, {
      neighbours: (entry, asked) =>
        this.#pairs
          .neighbours(entry, asked)
          .flatMap(({ entry: other, ...pair }) =>
            isKnown(other) && !this.#decided.has(entry.contentHash, other.contentHash)
              ? [{ entry: other, ...pair }]
              : [],
          ),
      between: (a, b) => this.#pairs.between(a, b),
    });
    list.sort((a, b) => compareGroupPositions(positionOf(a), positionOf(b)));
    const byMember = new Map(list.flatMap((group) => group.contentHashes.map((hash) => [hash, group])));
    return { list, byMember };
  }

  /** Of those that are one of a pair by now: of one that has gone since, there is none. */
  async #readContentHashes(): Promise<void> {
    const unknown = [...this.#pairs.linked()].filter((entry) => !isKnown(entry));
    for (let start = 0; start < unknown.length; start += SLICE_ENTRIES) {
      const some = unknown.slice(start, start + SLICE_ENTRIES);
      const found = await this.#rows.decisions.contentHashes(some.map(({ seq }) => seq));
      for (const entry of some) entry.contentHash = found.get(entry.seq) ?? null;
    }
  }

  async #followDecisions(): Promise<void> {
    for (;;) {
      const after = this.#decidedTo;
      const { changes, position } = await this.#rows.decisions.changes(after, SLICE_DECISIONS);
      // Somebody else may have followed, or all may be void, meanwhile.
      if (this.#decidedTo !== after) continue;
      for (const change of changes) this.#decided.take(change);
      this.#decidedTo = position;
      if (changes.length > 0) this.#change();
      if (changes.length < SLICE_DECISIONS) return;
    }
  }

  /** After a restore of the database decisions may be others, too. */
  #forgetDecisions(): void {
    this.#decided = new DecidedPairs();
    this.#decidedTo = 0;
  }

  #change(): void {
    this.#groups.clear();
    this.#state++;
  }
}

function isKnown(entry: LinkedEntry): entry is Known {
  return entry.contentHash !== null;
}

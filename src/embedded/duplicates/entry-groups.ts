import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { GroupPosition, OpenGroup, PairLikeness } from '../../services/duplicates.js';
import { compareGroupPositions, positionOf } from '../../services/group-order.js';
import { FollowedCopy } from '../search/followed-copy.js';
import { Follower } from '../search/follower.js';
import type { DuplicateRows } from '../store/open-store.js';
import type { HashRow } from '../store/rows.js';
import { DecidedPairs } from './decided-pairs.js';
import { EntryLinks, type LinkedEntry } from './entry-links.js';
import { findGroups } from './find-groups.js';

/** How many rows are read at once: some 20 ms of work, between which other calls get their turn. */
const SLICE_ROWS = 20_000;
const SLICE_DECISIONS = 1000;
const SLICE_MS = 20;
/** So few entries are compared before a question about groups is answered; of more, those that are compared by then. */
const FEW = 1000;

/** How many entries have been compared with all others. */
export interface CompareProgress {
  done: number;
  total: number;
}

type Known = LinkedEntry & { contentHash: string };

type Rows = Pick<DuplicateRows, 'hashes' | 'decisions'>;

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
  readonly #follower: Follower<HashRow>;
  #links = new EntryLinks();
  #decided = new DecidedPairs();
  #decidedTo = 0;
  /** Of the present state, as they were asked for. */
  readonly #groups = new Map<PairLikeness, Groups>();
  /** Grows with every change. */
  #state = 0;

  constructor(rows: Rows) {
    this.#rows = rows;
    const copy = new FollowedCopy<HashRow>(
      {
        add: ([seq, ...hash]) => this.#links.add(seq, hash),
        remove: (seq) => this.#links.remove(seq),
        clear: () => this.#clear(),
      },
      ([seq]) => seq,
    );
    this.#follower = new Follower(copy, async (after) => {
      const changes = await rows.hashes.changes(after, SLICE_ROWS);
      if (changes.added.length > 0 || changes.deletedSeqs.length > 0) this.#change();
      return changes;
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
    await this.#follower.follow(signal);
    while (this.#links.waiting > 0) {
      this.#compareSome();
      onProgress(this.#progress());
      await sleep(pauseMs, undefined, { signal });
    }
    return this.#progress();
  }

  #progress(): CompareProgress {
    const { waiting, compared } = this.#links;
    return { done: compared, total: compared + waiting };
  }

  async #present(likeness: PairLikeness, signal: AbortSignal): Promise<Groups> {
    await this.#follower.follow(signal);
    await this.#followDecisions();
    if (this.#links.waiting <= FEW) {
      while (this.#links.waiting > 0) {
        this.#compareSome();
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

  #compareSome(): void {
    this.#links.compareFor(SLICE_MS);
    this.#change();
  }

  #group(likeness: PairLikeness): Groups {
    const entries = [...this.#links.linked()].filter(isKnown);
    entries.sort((a, b) => (a.contentHash < b.contentHash ? -1 : 1));
    const list = findGroups(entries, likeness, {
      neighbours: (entry, asked) =>
        this.#links
          .neighbours(entry, asked)
          .flatMap(({ entry: other, distance }) =>
            isKnown(other) && !this.#decided.has(entry.contentHash, other.contentHash)
              ? [{ entry: other, distance }]
              : [],
          ),
    });
    list.sort((a, b) => compareGroupPositions(positionOf(a), positionOf(b)));
    const byMember = new Map(list.flatMap((group) => group.contentHashes.map((hash) => [hash, group])));
    return { list, byMember };
  }

  /** Of those that are one of a pair by now: of one that has gone since, there is none. */
  async #readContentHashes(): Promise<void> {
    const unknown = [...this.#links.linked()].filter((entry) => !isKnown(entry));
    for (let start = 0; start < unknown.length; start += SLICE_ROWS) {
      const some = unknown.slice(start, start + SLICE_ROWS);
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
  #clear(): void {
    this.#links = new EntryLinks();
    this.#decided = new DecidedPairs();
    this.#decidedTo = 0;
    this.#change();
  }

  #change(): void {
    this.#groups.clear();
    this.#state++;
  }
}

function isKnown(entry: LinkedEntry): entry is Known {
  return entry.contentHash !== null;
}

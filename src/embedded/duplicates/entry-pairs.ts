import type { PairLikeness } from '../../services/duplicates.js';
import type { HashChunks } from '../../services/hamming-distance.js';
import { KeyedLock } from '../keyed-lock.js';
import { FollowedCopy } from '../search/followed-copy.js';
import type { DescribedRow, LookRows } from '../store/looks.js';
import type { Changes, HashRow, HashRows, Position } from '../store/rows.js';
import { EntryLinks, type LinkedEntry } from './entry-links.js';
import { LookLinks } from './look-links.js';
import { type Between, between, isAsSure, type Neighbour } from './pair-rule.js';

/** How many rows are read at once: some 20 ms of work, between which other calls get their turn. */
const SLICE_ROWS = 20_000;

/** How many entries have been compared with all others. */
export interface CompareProgress {
  done: number;
  total: number;
}

export interface PairsListener {
  /** Called with the seqs of entries whose pairs have changed. Of a pair that came it may be with one of both. */
  onChange(seq: number): void;
  /** Called where all rows are void, as after a restore of the database. */
  onReset(): void;
  /** Called where all looks are void. */
  onLooksReset(): void;
}

/**
 * The pairs of all entries of the bucket of calls that name none, by their dHashes and by their looks, following the rows.
 * An entry that is not compared yet is one of no pair.
 */
export class EntryPairs {
  readonly #rows: { hashes: HashRows; looks: LookRows };
  /** Of whoever changes the pairs: one at a time. */
  readonly #lock = new KeyedLock();
  readonly #entries: FollowedCopy<HashRow>;
  readonly #images: FollowedCopy<DescribedRow>;
  #links: EntryLinks;
  #looks: LookLinks;

  constructor(
    rows: { hashes: HashRows; looks: LookRows },
    { onChange, onReset, onLooksReset }: PairsListener,
  ) {
    this.#rows = rows;
    this.#links = new EntryLinks(onChange);
    this.#looks = new LookLinks(rows.looks, onChange);
    this.#entries = new FollowedCopy<HashRow>(
      {
        add: ([seq, bucket, ...hash]) => {
          if (bucket === '') this.#add(seq, hash);
        },
        remove: (seq) => {
          this.#links.remove(seq);
          this.#looks.remove(seq);
        },
        clear: () => {
          this.#links = new EntryLinks(onChange);
          this.#images.clear();
          onReset();
        },
      },
      ([seq]) => seq,
    );
    this.#images = new FollowedCopy<DescribedRow>(
      {
        add: ({ seq, entrySeq }) => {
          this.#looks.touchImage(seq);
          if (entrySeq !== null) this.#looks.touch(entrySeq);
        },
        remove: (seq) => this.#looks.touchImage(seq),
        clear: () => {
          this.#looks.dispose();
          this.#looks = new LookLinks(rows.looks, onChange);
          onLooksReset();
        },
      },
      ({ seq }) => seq,
    );
  }

  /** How many entries have to be compared yet by what most of them have to. */
  get waiting(): number {
    return Math.max(this.#links.waiting, this.#looks.waiting);
  }

  get progress(): CompareProgress {
    const total = this.#links.compared + this.#links.waiting;
    return { done: Math.max(0, total - this.waiting), total };
  }

  /** Takes over all that was committed before the call. What has come waits to be compared. */
  follow(signal: AbortSignal): Promise<void> {
    return this.#lock.run('pairs', async () => {
      signal.throwIfAborted();
      // Images come last: what they say of entries is not older than the entries.
      await this.#take(this.#entries, (after) => this.#rows.hashes.changes(after, SLICE_ROWS));
      await this.#take(this.#images, (after) => this.#rows.looks.changes(after, SLICE_ROWS));
    });
  }

  /** Compares some of the waiting entries, as many as the time allows and one at least. */
  compareFor(ms: number): Promise<void> {
    return this.#lock.run('pairs', async () => {
      if (this.#links.waiting > 0) this.#links.compareFor(ms);
      else if (this.#looks.waiting > 0) await this.#looks.compareFor(ms);
    });
  }

  /** An entry that is one of a pair, or was; else null. */
  linkedEntry(seq: number): LinkedEntry | null {
    return this.#looks.isLinked(seq) ? this.#links.entry(seq) : this.#links.linkedEntry(seq);
  }

  /** All of them, in any order. */
  linked(): Iterable<LinkedEntry> {
    for (const seq of this.#looks.linked()) this.#links.entry(seq);
    return this.#links.linked();
  }

  /** The pairs of an entry that are at least so sure, in any order. */
  *neighbours(entry: LinkedEntry, asked: PairLikeness): Iterable<Neighbour<LinkedEntry>> {
    const byLook = new Set(this.byLook(entry));
    for (const neighbour of this.#links.neighbours(entry, asked))
      if (!byLook.has(neighbour.entry)) yield neighbour;
    for (const other of byLook) {
      const { distance, likeness } = this.between(entry, other);
      if (likeness && isAsSure(likeness, asked)) yield { entry: other, distance, likeness };
    }
  }

  /** Those that are a pair with an entry by their looks, however sure, in any order. */
  *byLook(entry: LinkedEntry): Iterable<LinkedEntry> {
    for (const [seq] of this.#looks.neighbours(entry.seq)) {
      const other = this.#links.entry(seq);
      if (other) yield other;
    }
  }

  between(a: LinkedEntry, b: LinkedEntry): Between {
    return between(a, b, this.#looks.rankBetween(a.seq, b.seq));
  }

  #add(seq: number, hash: HashChunks): void {
    this.#links.add(seq, hash);
    // The first read of the images finds those of all entries that are there.
    if (this.#images.position !== null) this.#looks.touch(seq);
  }

  async #take<Row>(
    copy: FollowedCopy<Row>,
    read: (after: Position | null) => Promise<Changes<Row>>,
  ): Promise<void> {
    for (let more = true; more; ) {
      const changes = await read(copy.position);
      copy.take(changes);
      more = changes.more;
    }
  }
}

import { VisualIndex } from '../search/visual-index.js';
import type { EntryLook, LookRows } from '../store/looks.js';
import { decodeLook, type Look, LookComparison } from './look-comparison.js';

/** So many pairs of an entry are kept, the surest; of others it may be one of those that they keep. */
const MOST_LINKS = 100;
/** How many looks are read at once. */
const SLICE_LOOKS = 20;

/** An entry whose bytes are an image's, by its seq. */
interface Node {
  readonly imageSeq: number;
  /** By the other entry's seq the rank: its surest pairs. */
  readonly own: Map<number, number>;
  /** The entries that keep a pair with this one. */
  readonly keptBy: Set<number>;
  /** Whether it may lack pairs, as one that it kept has gone. */
  lacksSome: boolean;
}

/** A place in the pairs of an entry: the surest first, then by seq. */
type Rank = readonly [seq: number, rank: number];

/**
 * The pairs of entries that are images as well, by their looks: each finds the other by the rule of the visual search. An entry
 * is compared with all others once, by one search, whose finds are searched back; until then it waits.
 */
export class LookLinks {
  readonly #rows: Pick<LookRows, 'ofEntries'>;
  readonly #index = new VisualIndex();
  readonly #comparison = new LookComparison();
  readonly #nodes = new Map<number, Node>();
  /** By the seq of an image the entry that looks as it does. */
  readonly #entries = new Map<number, number>();
  readonly #waiting = new Set<number>();

  constructor(rows: Pick<LookRows, 'ofEntries'>) {
    this.#rows = rows;
  }

  /** How many entries have to be looked at yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The seqs of those that are one of a pair. */
  *linked(): Iterable<number> {
    for (const [seq, { own, keptBy }] of this.#nodes) if (own.size > 0 || keptBy.size > 0) yield seq;
  }

  /** Takes note that an entry may have got or lost its look. */
  touch(seq: number): void {
    this.#waiting.add(seq);
  }

  /** Takes note that an image came or went. */
  touchImage(imageSeq: number): void {
    const seq = this.#entries.get(imageSeq);
    if (seq !== undefined) this.#waiting.add(seq);
  }

  /** Nothing happens when there is no such entry. */
  remove(seq: number): void {
    this.#waiting.delete(seq);
    this.#forget(seq);
  }

  #forget(seq: number): void {
    const node = this.#nodes.get(seq);
    if (!node) return;
    this.#index.remove(seq);
    this.#nodes.delete(seq);
    this.#entries.delete(node.imageSeq);
    for (const other of node.own.keys()) this.#nodes.get(other)!.keptBy.delete(seq);
    for (const other of node.keptBy) {
      const keeper = this.#nodes.get(other)!;
      if (keeper.own.size === MOST_LINKS) {
        keeper.lacksSome = true;
        this.#waiting.add(other);
      }
      keeper.own.delete(seq);
    }
  }

  /** The pairs of an entry by the seqs of the others, with their ranks, in any order. */
  neighbours(seq: number): Iterable<Rank> {
    const node = this.#nodes.get(seq);
    if (!node) return [];
    const keepers = [...node.keptBy].filter((other) => !node.own.has(other));
    return [...node.own, ...keepers.map((other): Rank => [other, this.#nodes.get(other)!.own.get(seq)!])];
  }

  /** The rank of a pair; null where two are none. */
  rankBetween(a: number, b: number): number | null {
    return this.#nodes.get(a)?.own.get(b) ?? this.#nodes.get(b)?.own.get(a) ?? null;
  }

  /** Compares some of the waiting entries, as many as the time allows and one at least. Nothing else may be called meanwhile. */
  async compareFor(ms: number): Promise<void> {
    const end = performance.now() + ms;
    const some = this.#firstWaiting();
    const looks = await this.#rows.ofEntries(some);
    for (const seq of some) {
      const look = looks.find(({ entrySeq }) => entrySeq === seq);
      await this.#compare(seq, look);
      // Not before: whoever asks meanwhile has to wait for its pairs.
      this.#waiting.delete(seq);
      if (performance.now() >= end) return;
    }
  }

  /** Frees its memory. It must not be used any more. */
  dispose(): void {
    this.#index.dispose();
    this.#comparison.dispose();
  }

  #firstWaiting(): number[] {
    const some: number[] = [];
    for (const seq of this.#waiting) if (some.push(seq) === SLICE_LOOKS) break;
    return some;
  }

  async #compare(seq: number, look: EntryLook | undefined): Promise<void> {
    const known = this.#nodes.get(seq);
    const isSame = known !== undefined && known.imageSeq === look?.imageSeq;
    if (isSame && !known.lacksSome) return;
    if (!isSame) this.#forget(seq);
    const decoded = look && decodeLook(look);
    if (!decoded) return;
    if (isSame) known.lacksSome = false;
    else this.#add(seq, look.imageSeq, decoded);
    await this.#findPairs(seq, decoded);
  }

  #add(seq: number, imageSeq: number, { descriptor }: Look): void {
    this.#nodes.set(seq, { imageSeq, own: new Map(), keptBy: new Set(), lacksSome: false });
    this.#entries.set(imageSeq, seq);
    this.#index.add(seq, descriptor);
    this.#index.settle();
  }

  /** Of thousands that look alike only those are searched back that one of both would keep. */
  async #findPairs(seq: number, look: Look): Promise<void> {
    const found = this.#index
      .search(look.descriptor)
      .filter(({ key }) => key !== seq)
      .map(({ key, rank }): Rank => [key, rank]);
    for (let start = 0; start < found.length; start += MOST_LINKS) {
      const some = found
        .slice(start, start + MOST_LINKS)
        .filter(([other, rank]) => this.#keeps(seq, [other, rank]) || this.#keeps(other, [seq, rank]))
        .map(([other]) => other);
      if (some.length === 0) continue;
      for (const row of await this.#rows.ofEntries(some)) {
        const other = decodeLook(row);
        const rank = other && this.#comparison.rankOf(look, other);
        if (rank === null) continue;
        this.#keep(seq, [row.entrySeq, rank]);
        this.#keep(row.entrySeq, [seq, rank]);
      }
    }
  }

  /** Whether an entry has place for a pair, or keeps it already. */
  #keeps(seq: number, link: Rank): boolean {
    const { own } = this.#nodes.get(seq)!;
    return own.size < MOST_LINKS || compareRanks(link, last(own)) <= 0;
  }

  #keep(seq: number, link: Rank): void {
    if (!this.#keeps(seq, link)) return;
    const { own } = this.#nodes.get(seq)!;
    own.set(...link);
    this.#nodes.get(link[0])!.keptBy.add(seq);
    if (own.size <= MOST_LINKS) return;
    const [gone] = last(own);
    own.delete(gone);
    this.#nodes.get(gone)!.keptBy.delete(seq);
  }
}

function last(own: ReadonlyMap<number, number>): Rank {
  return [...own].reduce((farthest, link) => (compareRanks(link, farthest) > 0 ? link : farthest));
}

function compareRanks([seqA, rankA]: Rank, [seqB, rankB]: Rank): number {
  return rankA - rankB || seqA - seqB;
}

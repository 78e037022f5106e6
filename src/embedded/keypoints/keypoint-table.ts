import {
  arena,
  BLOCK_ENDS,
  BLOCK_SLOTS,
  findAlike,
  HIGH,
  LEAST_CHAIN_BITS,
  LOW,
  MOST_CHAIN_BITS,
  NUMBER,
  PLACE,
  type Run,
  SLOT_WORDS,
  sortRun,
} from './code-chains.js';
import type { CodeHits } from './code-hits.js';
import { KEPT_KEYPOINTS, type Keypoints } from './keypoints.js';
import type { Probe } from './probe.js';

/** So many slots are as quick compared with a probe as chains are begun. */
const MOST_UNSORTED = 2048;
/** To sort more slots takes more than a tenth of a second. */
const MOST_RUN_SLOTS = 2 ** 22;
/** A run takes in the one before it until that one is so many times larger. */
const RUN_RATIO = 2;
/** How many slots a chain has on average. */
const CHAIN_SLOTS = 4;
/** Fewer erased rows are not worth the move of the others. */
const LEAST_ERASED = 256;

/**
 * The keypoints of many pictures by their codes. A picture is a row, and its keypoints lie in slots, which are sorted by how
 * their codes begin: so those that may be alike to one code stand side by side, as memory is read by lines. What was
 * written since is sorted when it is looked for, together with the run of slots before it where that is not much longer.
 * Whoever needs the table no more disposes of it.
 */
export class KeypointTable {
  /** Where the blocks of slots are. */
  readonly #blocks: number[] = [];
  #runs: Run[] = [];
  #slots = 0;
  /** By row, 1 where it was erased. */
  #erased = new Uint8Array(BLOCK_SLOTS);
  #rows = 0;
  #erasedRows = 0;
  readonly #mostUnsorted: number;
  readonly #mostOfRun: number;

  /**
   * @param mostUnsorted so many slots are compared with each probe where all others are looked up
   * @param mostOfRun so many slots are sorted at once
   */
  constructor(mostUnsorted = MOST_UNSORTED, mostOfRun = MOST_RUN_SLOTS) {
    this.#mostUnsorted = mostUnsorted;
    this.#mostOfRun = mostOfRun;
  }

  /** In bytes. */
  get bytes(): number {
    const blocks = this.#blocks.length * BLOCK_SLOTS * SLOT_WORDS * 4;
    return this.#runs.reduce(
      (sum, { ends }) => sum + ends.length * BLOCK_ENDS * 4,
      blocks + this.#erased.byteLength,
    );
  }

  /** How many rows there are, erased ones too. */
  get rows(): number {
    return this.#rows;
  }

  /** Whether most rows were erased. */
  get isSparse(): boolean {
    return this.#erasedRows >= LEAST_ERASED && this.#erasedRows > this.#rows / 2;
  }

  /** Writes the first KEPT_KEYPOINTS of these to another row. Returns its number. */
  append({ count, low, high, places }: Keypoints): number {
    const row = this.#rows++;
    if (row === this.#erased.length) this.#growRows();
    const kept = Math.min(count, KEPT_KEYPOINTS);
    while (this.#slots + kept > this.#blocks.length * BLOCK_SLOTS) this.#blocks.push(arena.allocate());
    const { words } = arena;
    for (let i = 0; i < kept; i++) {
      const word = this.#wordOf(this.#slots++);
      words[word + LOW] = low[i]!;
      words[word + HIGH] = high[i]!;
      words[word + NUMBER] = numberOf(row, i);
      words[word + PLACE] = places[i]!;
    }
    if (this.#unsorted >= this.#mostOfRun) this.#sort();
    return row;
  }

  /** Of a row that is there. It keeps its slots until all are moved. */
  erase(row: number): void {
    this.#erased[row] = 1;
    this.#erasedRows++;
  }

  /**
   * Moves all rows that were not erased together, in their order.
   * @returns the numbers that they had
   */
  compact(): number[] {
    const kept = Array.from({ length: this.#rows }, (_, row) => row).filter((row) => !this.#erased[row]);
    const rows = new Uint32Array(this.#rows);
    for (const [row, before] of kept.entries()) rows[before] = row;
    const { words } = arena;
    let slots = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      const from = this.#wordOf(slot);
      const number = words[from + NUMBER]!;
      if (this.#erased[rowOf(number)]) continue;
      const to = this.#wordOf(slots++);
      words.copyWithin(to, from, from + SLOT_WORDS);
      words[to + NUMBER] = numberOf(rows[rowOf(number)]!, placeInRow(number));
    }
    this.#free(this.#runs.splice(0));
    for (const block of this.#blocks.splice(Math.ceil(slots / BLOCK_SLOTS))) arena.free(block);
    this.#slots = slots;
    this.#rows = kept.length;
    this.#erasedRows = 0;
    this.#erased = new Uint8Array(kept.length + BLOCK_SLOTS);
    return kept;
  }

  /** Adds to the hits what is alike to one of the probes, MOST_CODES at most. */
  find(probes: readonly Probe[], hits: CodeHits): void {
    while (this.#unsorted > this.#mostUnsorted) this.#sort();
    findAlike({ blocks: this.#blocks, runs: this.#runs, count: this.#slots }, probes, hits);
    if (this.#erasedRows > 0) hits.keep((number) => !this.#erased[rowOf(number)]);
  }

  /** Gives its memory to others. It must not be used any more. */
  dispose(): void {
    this.#free(this.#runs.splice(0));
    for (const block of this.#blocks.splice(0)) arena.free(block);
  }

  get #unsorted(): number {
    return this.#slots - (this.#runs.at(-1)?.end ?? 0);
  }

  /** Makes a run of what is not sorted yet, or of as much as is sorted at once, and of the runs before that it takes in. */
  #sort(): void {
    let first = this.#slots - this.#unsorted;
    const end = Math.min(this.#slots, first + this.#mostOfRun);
    for (const run of this.#runs.toReversed()) {
      const isLarge = run.end - run.first >= RUN_RATIO * (end - first);
      if (isLarge || end - run.first > this.#mostOfRun) break;
      first = run.first;
    }
    const bits = Math.floor(Math.log2((end - first) / CHAIN_SLOTS));
    const chainBits = Math.max(LEAST_CHAIN_BITS, Math.min(MOST_CHAIN_BITS, bits));
    const ends = Array.from({ length: Math.ceil(2 ** chainBits / BLOCK_ENDS) }, () => arena.allocate());
    const run = { first, end, chainBits, ends };
    sortRun(run, this.#blocks);
    this.#free(this.#runs.filter((other) => other.first >= first));
    this.#runs = [...this.#runs.filter((other) => other.first < first), run];
  }

  #free(runs: readonly Run[]): void {
    for (const { ends } of runs) for (const block of ends) arena.free(block);
  }

  /** Where the words of a slot begin in the arena. */
  #wordOf(slot: number): number {
    return this.#blocks[Math.floor(slot / BLOCK_SLOTS)]! / 4 + SLOT_WORDS * (slot % BLOCK_SLOTS);
  }

  #growRows(): void {
    const grown = new Uint8Array(Math.ceil(this.#erased.length * 1.5));
    grown.set(this.#erased);
    this.#erased = grown;
  }
}

function numberOf(row: number, place: number): number {
  return KEPT_KEYPOINTS * row + place;
}

/** The row that a keypoint is in, by its number. */
export function rowOf(number: number): number {
  return Math.floor(number / KEPT_KEYPOINTS);
}

/** Which of the keypoints of its row one is, by its number. */
export function placeInRow(number: number): number {
  return number % KEPT_KEYPOINTS;
}

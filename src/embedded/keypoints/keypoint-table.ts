import { findInAny, findInRuns, type Run, startOfSection } from './code-chains.js';
import type { CodeHits } from './code-hits.js';
import { KEPT_KEYPOINTS, type Keypoints } from './keypoints.js';
import type { Probe } from './probe.js';
import { bytesOfRun, freeEnds, freeRun, RunMerge, sortedRun } from './run-merge.js';
import { type Slot, SlotList } from './slot-list.js';

/** Bounds of what a table does at once, in slots. */
interface TableBounds {
  /** So many are as quick compared with each probe as chains are begun. */
  readonly unsorted: number;
  /** So many are sorted: more take more than a tenth of a second. */
  readonly run: number;
  /** So many move to a larger run: some 20 ms of work. */
  readonly merged: number;
}

const BOUNDS: TableBounds = { unsorted: 2048, run: 2 ** 22, merged: 2 ** 19 };
/** What is sorted takes in the run before it until that one is so many times larger. */
const RUN_RATIO = 2;
/** So does what is merged, which no search waits for. */
const MERGE_RATIO = 8;
/** Fewer erased rows are not worth the move of the others. */
const LEAST_ERASED = 256;
const LEAST_ROOM = 1024;

/**
 * The keypoints of many pictures by their codes. A picture is a row, and its keypoints lie in slots, which are sorted by how
 * their codes begin: so those that may be alike to one code stand side by side, as memory is read by lines. What was
 * written since is sorted when it is looked for, together with the run of slots before it where that is not much longer;
 * the large runs that come of that become one while nobody waits. Whoever needs the table no more disposes of it.
 */
export class KeypointTable {
  /** What was written last, in any order. */
  #fresh = new SlotList();
  /** The oldest first. */
  #runs: Run[] = [];
  #merge: RunMerge | null = null;
  /** By row, 1 where it was erased. */
  #erased = new Uint8Array(LEAST_ROOM);
  #rows = 0;
  #erasedRows = 0;
  readonly #bounds: TableBounds;

  /** @param bounds where smaller ones are to be tried */
  constructor(bounds = BOUNDS) {
    this.#bounds = bounds;
  }

  /** In bytes. */
  get bytes(): number {
    return this.#runs.reduce(
      (sum, run) => sum + bytesOfRun(run),
      this.#fresh.bytes + this.#erased.byteLength,
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
    for (let i = 0; i < kept; i++)
      this.#add({ low: low[i]!, high: high[i]!, number: numberOf(row, i), place: places[i]! });
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
    const [runs, fresh, erased] = [this.#runs, this.#fresh, this.#erased];
    this.#runs = [];
    this.#merge = null;
    this.#fresh = new SlotList();
    const move = (slots: SlotList, first: number, end: number) => {
      for (let slot = first; slot < end; slot++) {
        slots.freeBefore(slot);
        const { number, ...others } = slots.at(slot);
        const row = rowOf(number);
        if (!erased[row]) this.#add({ ...others, number: numberOf(rows[row]!, placeInRow(number)) });
      }
      slots.free();
    };
    for (const run of runs) {
      move(run.slots, startOfSection(run, run.sections.first), startOfSection(run, run.sections.end));
      freeRun(run);
    }
    move(fresh, 0, fresh.count);
    this.#rows = kept.length;
    this.#erasedRows = 0;
    this.#erased = new Uint8Array(kept.length + LEAST_ROOM);
    return kept;
  }

  /** Adds to the hits what is alike to one of the probes, MOST_CODES at most. */
  find(probes: readonly Probe[], hits: CodeHits): void {
    if (this.#fresh.count > this.#bounds.unsorted) this.#sort();
    findInRuns(this.#runs, probes, hits);
    findInAny(this.#fresh, probes, hits);
    if (this.#erasedRows > 0) hits.keep((number) => !this.#erased[rowOf(number)]);
  }

  /** Does a part of the work that makes later look-ups quicker. False when there is nothing left to do. */
  settle(): boolean {
    this.#merge ??= this.#nextMerge();
    if (!this.#merge) return false;
    if (this.#merge.step(this.#bounds.merged)) return true;
    const merge = this.#merge;
    for (const run of this.#runs) if (merge.isSource(run)) freeRun(run);
    this.#runs = this.#runs.filter((run) => !merge.isSource(run));
    this.#merge = null;
    return true;
  }

  /** Gives its memory to others. It must not be used any more. */
  dispose(): void {
    for (const run of this.#runs.splice(0)) freeRun(run);
    this.#fresh.free();
  }

  #add(slot: Slot): void {
    this.#fresh.add(slot);
    if (this.#fresh.count >= this.#bounds.run) this.#sort();
  }

  /** Makes a run of what is not sorted yet, and of the runs before that it takes in. */
  #sort(): void {
    const target = this.#merge?.target;
    const free = target ? this.#runs.slice(this.#runs.indexOf(target) + 1) : this.#runs;
    const taken = takenIn(free, this.#fresh.count, RUN_RATIO, this.#bounds.run);
    const [slots, ...later] = [...taken.map((run) => run.slots), this.#fresh];
    for (const list of later) {
      slots!.addFrom(list, 0, list.count);
      list.free();
    }
    for (const run of taken) freeEnds(run);
    this.#runs = [...this.#runs.filter((run) => !taken.includes(run)), sortedRun(slots!)];
    this.#fresh = new SlotList();
  }

  /** Begins to merge the last run and those before that it takes in; null where it takes in none. */
  #nextMerge(): RunMerge | null {
    const last = this.#runs.at(-1);
    if (!last) return null;
    const taken = takenIn(this.#runs.slice(0, -1), last.slots.count, MERGE_RATIO);
    if (taken.length === 0) return null;
    const merge = new RunMerge([...taken, last]);
    this.#runs.push(merge.target);
    return merge;
  }

  #growRows(): void {
    const grown = new Uint8Array(Math.ceil(this.#erased.length * 1.5));
    grown.set(this.#erased);
    this.#erased = grown;
  }
}

/** The last runs, none of which is `ratio` times larger than the slots behind it, and with which these are at most so many. */
function takenIn(
  runs: readonly Run[],
  slots: number,
  ratio: number,
  most = Number.POSITIVE_INFINITY,
): readonly Run[] {
  let behind = slots;
  const isLast = ({ slots: { count } }: Run) => {
    if (count >= ratio * behind || count + behind > most) return true;
    behind += count;
    return false;
  };
  return runs.slice(runs.findLastIndex(isLast) + 1);
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

import { PLACE_BITS, WEAK_BITS } from './codes.js';
import { KEPT_KEYPOINTS, type Keypoints } from './keypoints.js';

/** Codes of alike patches differ in no more bits. */
export const MOST_DISTANCE = 14;

const LEAST_TABLE_BITS = 12;
/** How much larger the arrays become when they are full. */
const GROWTH = 1.2;
/** How many slots a chain has on average, before there are more chains. */
const CHAIN_SLOTS = 2;
const FIRST_ROWS = 64;

/** The code that is looked for. */
export interface Probe {
  readonly low: number;
  readonly high: number;
  /** The bits of it that may differ among the first PLACE_BITS. */
  readonly weak: Uint8Array;
}

/**
 * The keypoints of many pictures by their codes. A picture has a row of KEPT_KEYPOINTS slots; the slots whose codes begin
 * alike are a chain. Two codes are alike when they agree in the first PLACE_BITS but for the weak ones of the probe, and
 * differ in MOST_DISTANCE bits at most: how large the table is makes no difference.
 */
export class KeypointTable {
  #low = new Uint32Array(FIRST_ROWS * KEPT_KEYPOINTS);
  #high = new Uint32Array(FIRST_ROWS * KEPT_KEYPOINTS);
  #places = new Uint32Array(FIRST_ROWS * KEPT_KEYPOINTS);
  /** The next slot of the chain, counted from 1; 0 at its end. */
  #next = new Uint32Array(FIRST_ROWS * KEPT_KEYPOINTS);
  /** The first slot of each chain, in the same way. */
  #heads = new Uint32Array(2 ** LEAST_TABLE_BITS);
  #tableBits = LEAST_TABLE_BITS;
  /** How many slots of a row are taken. */
  #counts = new Uint8Array(FIRST_ROWS);
  #taken = 0;

  /** In bytes. */
  get bytes(): number {
    return 4 * this.#low.byteLength + this.#heads.byteLength + this.#counts.byteLength;
  }

  /** How many rows there is room for. */
  get rows(): number {
    return this.#counts.length;
  }

  countOf(row: number): number {
    return this.#counts[row]!;
  }

  placeOf(slot: number): number {
    return this.#places[slot]!;
  }

  /** Fills an empty row with the first KEPT_KEYPOINTS of these. */
  write(row: number, { count, low, high, places }: Keypoints): void {
    while (row >= this.rows) this.#grow();
    const kept = Math.min(count, KEPT_KEYPOINTS);
    this.#counts[row] = kept;
    this.#taken += kept;
    if (this.#taken > CHAIN_SLOTS * this.#heads.length && this.#tableBits < PLACE_BITS) this.#widen();
    for (let i = 0, slot = row * KEPT_KEYPOINTS; i < kept; i++, slot++) {
      this.#low[slot] = low[i]!;
      this.#high[slot] = high[i]!;
      this.#places[slot] = places[i]!;
      this.#link(slot);
    }
  }

  erase(row: number): void {
    const first = row * KEPT_KEYPOINTS;
    for (let slot = first; slot < first + this.#counts[row]!; slot++) this.#unlink(slot);
    this.#taken -= this.#counts[row]!;
    this.#counts[row] = 0;
  }

  /** Calls `hit` with each slot whose code is alike, and with their distance. */
  find({ low, high, weak }: Probe, hit: (slot: number, distance: number) => void): void {
    const [lows, highs, next, heads] = [this.#low, this.#high, this.#next, this.#heads];
    let strict = 2 ** PLACE_BITS - 1;
    const flips: number[] = [];
    for (let i = 0; i < WEAK_BITS; i++) {
      strict &= ~(1 << weak[i]!);
      if (weak[i]! < this.#tableBits) flips.push(1 << weak[i]!);
    }
    const chain = low & (heads.length - 1);
    for (let way = 0; way < 1 << flips.length; way++) {
      let head = chain;
      for (let i = 0; i < flips.length; i++) if ((way >> i) & 1) head ^= flips[i]!;
      for (let at = heads[head]!; at !== 0; at = next[at - 1]!) {
        const difference = lows[at - 1]! ^ low;
        if ((difference & strict) !== 0) continue;
        const distance = ones(difference) + ones(highs[at - 1]! ^ high);
        if (distance <= MOST_DISTANCE) hit(at - 1, distance);
      }
    }
  }

  #link(slot: number): void {
    const chain = this.#low[slot]! & (this.#heads.length - 1);
    this.#next[slot] = this.#heads[chain]!;
    this.#heads[chain] = slot + 1;
  }

  #unlink(slot: number): void {
    const chain = this.#low[slot]! & (this.#heads.length - 1);
    if (this.#heads[chain] === slot + 1) {
      this.#heads[chain] = this.#next[slot]!;
      return;
    }
    let before = this.#heads[chain]! - 1;
    while (this.#next[before] !== slot + 1) before = this.#next[before]! - 1;
    this.#next[before] = this.#next[slot]!;
  }

  #grow(): void {
    const rows = Math.ceil(this.rows * GROWTH);
    const grown = (words: Uint32Array<ArrayBuffer>) => {
      const larger = new Uint32Array(rows * KEPT_KEYPOINTS);
      larger.set(words);
      return larger;
    };
    this.#low = grown(this.#low);
    this.#high = grown(this.#high);
    this.#places = grown(this.#places);
    this.#next = grown(this.#next);
    const counts = new Uint8Array(rows);
    counts.set(this.#counts);
    this.#counts = counts;
  }

  /** Doubles the number of chains, so that they stay short. */
  #widen(): void {
    this.#tableBits++;
    this.#heads = new Uint32Array(2 ** this.#tableBits);
    for (let row = 0; row < this.rows; row++) {
      const first = row * KEPT_KEYPOINTS;
      for (let slot = first; slot < first + this.#counts[row]!; slot++) this.#link(slot);
    }
  }
}

function ones(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

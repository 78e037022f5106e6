import { PLACE_BITS, WEAK_BITS } from './codes.js';
import { KEPT_KEYPOINTS, type Keypoints } from './keypoints.js';

/** Codes of alike patches differ in no more bits. */
export const MOST_DISTANCE = 14;

const LEAST_TABLE_BITS = 12;
/** How many slots a chain has on average, before there are more chains. */
const CHAIN_SLOTS = 4;

/** A slot is a row and a place in it, of which there may be so many; rows need no more than KEPT_KEYPOINTS. */
const PLACES_BITS = 6;
/** Rows lie in blocks of so many, so that growing moves nothing. */
const BLOCK_BITS = 6;
const BLOCK_ROWS = 2 ** BLOCK_BITS;
/** What a slot holds: both halves of its code, the next slot of its chain, and its place in the picture. */
const SLOT_WORDS = 4;
const [LOW, HIGH, NEXT, PLACE] = [0, 1, 2, 3];

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
  /** What a look-up needs of a slot lies together, as memory is read by lines. */
  readonly #blocks: Uint32Array[] = [];
  /** The first slot of each chain, counted from 1; 0 where it is empty. The next ones are counted in the same way. */
  #heads = new Uint32Array(2 ** LEAST_TABLE_BITS);
  #tableBits = LEAST_TABLE_BITS;
  /** How many slots of a row are taken. */
  readonly #counts: Uint8Array[] = [];
  #taken = 0;

  /** In bytes. */
  get bytes(): number {
    const ofBlock = BLOCK_ROWS * (KEPT_KEYPOINTS * SLOT_WORDS * 4 + 1);
    return this.#blocks.length * ofBlock + this.#heads.byteLength;
  }

  /** How many rows there is room for. */
  get rows(): number {
    return this.#blocks.length * BLOCK_ROWS;
  }

  countOf(row: number): number {
    return this.#counts[row >>> BLOCK_BITS]![row & (BLOCK_ROWS - 1)]!;
  }

  placeOf(slot: number): number {
    return this.#blocks[blockOf(slot)]![wordOf(slot) + PLACE]!;
  }

  /** Fills an empty row with the first KEPT_KEYPOINTS of these. */
  write(row: number, { count, low, high, places }: Keypoints): void {
    while (row >= this.rows) {
      this.#blocks.push(new Uint32Array(BLOCK_ROWS * KEPT_KEYPOINTS * SLOT_WORDS));
      this.#counts.push(new Uint8Array(BLOCK_ROWS));
    }
    const kept = Math.min(count, KEPT_KEYPOINTS);
    this.#setCount(row, kept);
    this.#taken += kept;
    for (let i = 0; i < kept; i++) {
      const slot = slotOf(row, i);
      const block = this.#blocks[blockOf(slot)]!;
      const word = wordOf(slot);
      block[word + LOW] = low[i]!;
      block[word + HIGH] = high[i]!;
      block[word + PLACE] = places[i]!;
      this.#link(slot);
    }
    if (this.#taken > CHAIN_SLOTS * this.#heads.length && this.#tableBits < PLACE_BITS) this.#widen();
  }

  erase(row: number): void {
    const count = this.countOf(row);
    for (let i = 0; i < count; i++) this.#unlink(slotOf(row, i));
    this.#taken -= count;
    this.#setCount(row, 0);
  }

  /** Calls `hit` with each slot whose code is alike, and with their distance. */
  find({ low, high, weak }: Probe, hit: (slot: number, distance: number) => void): void {
    const [blocks, heads] = [this.#blocks, this.#heads];
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
      for (let at = heads[head]!; at !== 0; ) {
        const slot = at - 1;
        const block = blocks[blockOf(slot)]!;
        const word = wordOf(slot);
        at = block[word + NEXT]!;
        const difference = block[word + LOW]! ^ low;
        if ((difference & strict) !== 0) continue;
        const distance = ones(difference) + ones(block[word + HIGH]! ^ high);
        if (distance <= MOST_DISTANCE) hit(slot, distance);
      }
    }
  }

  #setCount(row: number, count: number): void {
    this.#counts[row >>> BLOCK_BITS]![row & (BLOCK_ROWS - 1)] = count;
  }

  #chainOf(slot: number): number {
    return this.#blocks[blockOf(slot)]![wordOf(slot) + LOW]! & (this.#heads.length - 1);
  }

  #nextOf(slot: number): number {
    return this.#blocks[blockOf(slot)]![wordOf(slot) + NEXT]!;
  }

  #setNext(slot: number, next: number): void {
    this.#blocks[blockOf(slot)]![wordOf(slot) + NEXT] = next;
  }

  #link(slot: number): void {
    const chain = this.#chainOf(slot);
    this.#setNext(slot, this.#heads[chain]!);
    this.#heads[chain] = slot + 1;
  }

  #unlink(slot: number): void {
    const chain = this.#chainOf(slot);
    if (this.#heads[chain] === slot + 1) {
      this.#heads[chain] = this.#nextOf(slot);
      return;
    }
    let before = this.#heads[chain]! - 1;
    while (this.#nextOf(before) !== slot + 1) before = this.#nextOf(before) - 1;
    this.#setNext(before, this.#nextOf(slot));
  }

  /** Doubles the number of chains, so that they stay short. */
  #widen(): void {
    this.#tableBits++;
    this.#heads = new Uint32Array(2 ** this.#tableBits);
    for (let row = 0; row < this.rows; row++) {
      const count = this.countOf(row);
      for (let i = 0; i < count; i++) this.#link(slotOf(row, i));
    }
  }
}

function slotOf(row: number, place: number): number {
  return (row << PLACES_BITS) | place;
}

/** The row that a slot is in. */
export function rowOf(slot: number): number {
  return slot >>> PLACES_BITS;
}

/** Which of the keypoints of its row a slot is. */
export function placeInRow(slot: number): number {
  return slot & (2 ** PLACES_BITS - 1);
}

function blockOf(slot: number): number {
  return slot >>> (PLACES_BITS + BLOCK_BITS);
}

/** Where the words of a slot begin in its block. */
function wordOf(slot: number): number {
  return SLOT_WORDS * (KEPT_KEYPOINTS * (rowOf(slot) & (BLOCK_ROWS - 1)) + placeInRow(slot));
}

function ones(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

import {
  arena,
  BLOCK_HEADS,
  BLOCK_SLOTS,
  followChains,
  HIGH,
  LOW,
  MOST_DISTANCE,
  NEXT,
  type OnHit,
  PLACE,
  SLOT_WORDS,
} from './code-chains.js';
import { PLACE_BITS, WEAK_BITS } from './codes.js';
import { KEPT_KEYPOINTS, type Keypoints } from './keypoints.js';

const LEAST_TABLE_BITS = Math.log2(BLOCK_HEADS);
/** How many slots a chain has on average, before there are more chains. */
const CHAIN_SLOTS = 4;

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
 * differ in MOST_DISTANCE bits at most: how large the table is makes no difference. Whoever needs it no more disposes of it.
 */
export class KeypointTable {
  /** Where the blocks of slots are: of each slot what a look-up needs lies together, as memory is read by lines. */
  readonly #slots: number[] = [];
  /** Where the blocks of heads are. A head is the first slot of a chain, counted from 1; 0 where it is empty. */
  #heads: number[] = [arena.allocate()];
  #tableBits = LEAST_TABLE_BITS;
  /** How many slots of each row are taken. */
  #counts = new Uint8Array(BLOCK_SLOTS);
  #taken = 0;

  /** In bytes. */
  get bytes(): number {
    const blocks = this.#slots.length * BLOCK_SLOTS * SLOT_WORDS * 4 + this.#heads.length * BLOCK_HEADS * 4;
    return blocks + this.#counts.byteLength;
  }

  countOf(row: number): number {
    return this.#counts[row] ?? 0;
  }

  placeOf(slot: number): number {
    return arena.words[this.#wordOf(slot) + PLACE]!;
  }

  /** Fills an empty row with the first KEPT_KEYPOINTS of these. */
  write(row: number, { count, low, high, places }: Keypoints): void {
    while (slotOf(row + 1, 0) > this.#slots.length * BLOCK_SLOTS) this.#slots.push(arena.allocate());
    if (row >= this.#counts.length) this.#growCounts(row);
    const kept = Math.min(count, KEPT_KEYPOINTS);
    this.#counts[row] = kept;
    this.#taken += kept;
    for (let i = 0; i < kept; i++) {
      const slot = slotOf(row, i);
      const word = this.#wordOf(slot);
      arena.words[word + LOW] = low[i]!;
      arena.words[word + HIGH] = high[i]!;
      arena.words[word + PLACE] = places[i]!;
      this.#link(slot);
    }
    if (this.#taken > CHAIN_SLOTS * 2 ** this.#tableBits && this.#tableBits < PLACE_BITS) this.#widen();
  }

  erase(row: number): void {
    const count = this.countOf(row);
    for (let i = 0; i < count; i++) this.#unlink(slotOf(row, i));
    this.#taken -= count;
    this.#counts[row] = 0;
  }

  /** Tells whether a row has a code that is alike to that of a probe. */
  comparison(row: number): (probe: Probe) => boolean {
    const codes = new Uint32Array(2 * this.countOf(row));
    for (let at = 0; at < codes.length; at += 2) {
      const word = this.#wordOf(slotOf(row, at / 2));
      codes[at] = arena.words[word + LOW]!;
      codes[at + 1] = arena.words[word + HIGH]!;
    }
    return ({ low, high, weak }) => {
      const strict = strictBits(weak);
      for (let at = 0; at < codes.length; at += 2) {
        const difference = codes[at]! ^ low;
        if ((difference & strict) !== 0) continue;
        if (ones(difference) + ones(codes[at + 1]! ^ high) <= MOST_DISTANCE) return true;
      }
      return false;
    };
  }

  /** Calls `hit` with each slot whose code is alike to that of a probe, with the probe's place among all, and their distance. */
  find(probes: readonly Probe[], hit: OnHit): void {
    const chains = 2 ** this.#tableBits - 1;
    const codes = probes.map(({ low, high, weak }) => {
      const strict = strictBits(weak);
      return { low, high, chain: low & chains, weakOfChain: ~strict & chains, strict };
    });
    followChains({ heads: this.#heads, slots: this.#slots }, codes, hit);
  }

  /** Gives its memory to others. It must not be used any more. */
  dispose(): void {
    for (const block of [...this.#slots.splice(0), ...this.#heads.splice(0)]) arena.free(block);
  }

  /** Where the words of a slot begin in the arena. */
  #wordOf(slot: number): number {
    return this.#slots[Math.floor(slot / BLOCK_SLOTS)]! / 4 + SLOT_WORDS * (slot % BLOCK_SLOTS);
  }

  /** Where the head of a slot's chain is in the arena. */
  #headOf(slot: number): number {
    const chain = arena.words[this.#wordOf(slot) + LOW]! & (2 ** this.#tableBits - 1);
    return this.#heads[Math.floor(chain / BLOCK_HEADS)]! / 4 + (chain % BLOCK_HEADS);
  }

  #link(slot: number): void {
    const head = this.#headOf(slot);
    arena.words[this.#wordOf(slot) + NEXT] = arena.words[head]!;
    arena.words[head] = slot + 1;
  }

  #unlink(slot: number): void {
    let link = this.#headOf(slot);
    while (arena.words[link] !== slot + 1) link = this.#wordOf(arena.words[link]! - 1) + NEXT;
    arena.words[link] = arena.words[this.#wordOf(slot) + NEXT]!;
  }

  /** Doubles the number of chains, so that they stay short. */
  #widen(): void {
    this.#tableBits++;
    for (const block of this.#heads.splice(0)) arena.free(block);
    while (this.#heads.length * BLOCK_HEADS < 2 ** this.#tableBits) this.#heads.push(arena.allocate());
    for (const [row, count] of this.#counts.entries())
      for (let i = 0; i < count; i++) this.#link(slotOf(row, i));
  }

  #growCounts(row: number): void {
    const grown = new Uint8Array(Math.max(row + 1, Math.ceil(this.#counts.length * 1.5)));
    grown.set(this.#counts);
    this.#counts = grown;
  }
}

/** The bits of the lower half of a code in which alike ones do not differ. */
function strictBits(weak: Uint8Array): number {
  let strict = 2 ** PLACE_BITS - 1;
  for (let i = 0; i < WEAK_BITS; i++) strict &= ~(1 << weak[i]!);
  return strict;
}

function ones(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function slotOf(row: number, place: number): number {
  return KEPT_KEYPOINTS * row + place;
}

/** The row that a slot is in. */
export function rowOf(slot: number): number {
  return Math.floor(slot / KEPT_KEYPOINTS);
}

/** Which of the keypoints of its row a slot is. */
export function placeInRow(slot: number): number {
  return slot % KEPT_KEYPOINTS;
}

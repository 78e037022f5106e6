import { BlockArena } from '../block-arena.js';
import { compileKernel, PAGE_BYTES } from '../web-assembly.js';
import { WEAK_BITS } from './codes.js';
import { codeChains } from './kernels.js';

/** What a slot holds, in words: both halves of its code, the next slot of its chain, and its place in the picture. */
export const SLOT_WORDS = 4;
export const [LOW, HIGH, NEXT, PLACE] = [0, 1, 2, 3];

const BLOCK_BYTES = 2 ** 14;
/** Slots and the heads of chains lie in blocks of so many. */
export const BLOCK_SLOTS = BLOCK_BYTES / (4 * SLOT_WORDS);
export const BLOCK_HEADS = BLOCK_BYTES / 4;

/** Codes of alike patches differ in no more bits. */
export const MOST_DISTANCE = 14;

/** See code-chains.wat; all but bits and the distance are addresses. */
interface Kernel {
  begin(chain: number, weak: number, code: number, heads: number, to: number): number;
  follow(
    mostDistance: number,
    slots: number,
    at: number,
    end: number,
    left: number,
    hits: number,
    room: number,
  ): number;
}

/** So many codes are looked for at once. */
const MOST_CODES = 64;
const CODE_BYTES = 12;
/** A code is looked for in so many chains at most, each of which adds a hit at most by a step. */
const MOST_CHAINS = MOST_CODES * 2 ** WEAK_BITS;
const HIT_BYTES = 12;
/** First the codes and the chains that are followed, then hits, then where the blocks of heads and of slots are. */
const LEFT_ADDRESS = 0;
const CODES_ADDRESS = 4;
const CHAINS_ADDRESS = CODES_ADDRESS + CODE_BYTES * MOST_CODES;
const HITS_ADDRESS = PAGE_BYTES;
const HEADS_ADDRESS = 3 * PAGE_BYTES;
/** One hit more is written where it ends, and does not count. */
const ROOM = HEADS_ADDRESS - HIT_BYTES * (MOST_CHAINS + 1);
const MOST_HEAD_BLOCKS = 2 ** 10;
const SLOTS_ADDRESS = HEADS_ADDRESS + 4 * MOST_HEAD_BLOCKS;
/** As many as there may be in all the memory that can be addressed. */
const MOST_SLOT_BLOCKS = 2 ** 18;

/** The blocks of all tables of this thread. */
export const arena = new BlockArena(BLOCK_BYTES, SLOTS_ADDRESS + 4 * MOST_SLOT_BLOCKS);

/** Where the blocks of a table are. */
export interface Chains {
  readonly heads: readonly number[];
  readonly slots: readonly number[];
}

/** A code that is looked for. */
export interface CodeQuery {
  readonly low: number;
  readonly high: number;
  /** The number of its chain, and the bits in which those of alike codes may differ from it. */
  readonly chain: number;
  readonly weakOfChain: number;
  /** The bits of the lower half in which alike codes do not differ. */
  readonly strict: number;
}

/** Takes which of the codes a slot is alike to, the slot, and their distance. */
export type OnHit = (code: number, slot: number, distance: number) => void;

/** Calls `hit` with each slot of these chains whose code is alike to one of the codes. */
export function followChains({ heads, slots }: Chains, codes: readonly CodeQuery[], hit: OnHit): void {
  arena.words.set(heads, HEADS_ADDRESS / 4);
  arena.words.set(slots, SLOTS_ADDRESS / 4);
  for (let first = 0; first < codes.length; first += MOST_CODES)
    followSome(codes.slice(first, first + MOST_CODES), (code, slot, distance) =>
      hit(first + code, slot, distance),
    );
}

function followSome(codes: readonly CodeQuery[], hit: OnHit): void {
  const { words } = arena;
  let end = CHAINS_ADDRESS;
  for (const [i, { low, high, chain, weakOfChain, strict }] of codes.entries()) {
    const code = CODES_ADDRESS + CODE_BYTES * i;
    words.set([low, high, strict], code / 4);
    end = kernel.begin(chain, weakOfChain, code, HEADS_ADDRESS, end);
  }
  while (end > CHAINS_ADDRESS) {
    const behind = kernel.follow(
      MOST_DISTANCE,
      SLOTS_ADDRESS,
      CHAINS_ADDRESS,
      end,
      LEFT_ADDRESS,
      HITS_ADDRESS,
      ROOM,
    );
    for (let at = HITS_ADDRESS / 4; at < behind / 4; at += 3)
      hit((words[at]! - CODES_ADDRESS) / CODE_BYTES, words[at + 1]!, words[at + 2]!);
    end = words[LEFT_ADDRESS / 4]!;
  }
}

// The exports are what code-chains.wat declares.
const kernel = compileKernel(codeChains)({ arena: { memory: arena.memory } }) as Kernel;

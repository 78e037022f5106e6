import { BlockArena } from '../block-arena.js';
import { compileKernel, PAGE_BYTES } from '../web-assembly.js';
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

/** See code-chains.wat; all but codes, bits and distances are addresses. */
interface Kernel {
  begin(chain: number, weak: number, heads: number, to: number): number;
  follow(
    low: number,
    high: number,
    strict: number,
    mostDistance: number,
    slots: number,
    at: number,
    end: number,
    left: number,
    hits: number,
    room: number,
  ): number;
}

/** First where the chains that are followed are, then hits, then where the blocks of heads and of slots are. */
const LEFT_ADDRESS = 0;
const CHAINS_ADDRESS = 4;
const HITS_ADDRESS = PAGE_BYTES / 2;
/** A step in all chains adds no more hits than there are chains. */
const ROOM = PAGE_BYTES - 1024;
const HEADS_ADDRESS = PAGE_BYTES;
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

/** The code that is looked for. */
export interface CodeQuery {
  readonly low: number;
  readonly high: number;
  /** The number of its chain, and the bits in which those of alike codes may differ from it. */
  readonly chain: number;
  readonly weakOfChain: number;
  /** The bits of the lower half in which alike codes do not differ. */
  readonly strict: number;
}

/** Takes the chains in which codes are looked for until the next call, or until the next block is allocated. */
export function setChains({ heads, slots }: Chains): void {
  arena.words.set(heads, HEADS_ADDRESS / 4);
  arena.words.set(slots, SLOTS_ADDRESS / 4);
}

/** Calls `hit` with each slot whose code is alike, and with their distance. */
export function followChains(
  { low, high, chain, weakOfChain, strict }: CodeQuery,
  hit: (slot: number, distance: number) => void,
): void {
  const { words } = arena;
  let end = kernel.begin(chain, weakOfChain, HEADS_ADDRESS, CHAINS_ADDRESS);
  while (end > CHAINS_ADDRESS) {
    const behind = kernel.follow(
      low,
      high,
      strict,
      MOST_DISTANCE,
      SLOTS_ADDRESS,
      CHAINS_ADDRESS,
      end,
      LEFT_ADDRESS,
      HITS_ADDRESS,
      ROOM,
    );
    for (let at = HITS_ADDRESS / 4; at < behind / 4; at += 2) hit(words[at]!, words[at + 1]!);
    end = words[LEFT_ADDRESS / 4]!;
  }
}

// The exports are what code-chains.wat declares.
const kernel = compileKernel(codeChains)({ arena: { memory: arena.memory } }) as Kernel;

import { BlockArena } from '../block-arena.js';
import { compileKernel, PAGE_BYTES } from '../web-assembly.js';
import type { CodeHits } from './code-hits.js';
import { PLACE_BITS } from './codes.js';
import { chainSort, codeChains } from './kernels.js';
import { MOST_DISTANCE, type Probe } from './probe.js';

/** What a slot holds, in words: both halves of a code, the number of its keypoint, and its place in the picture. */
export const SLOT_WORDS = 4;
export const [LOW, HIGH, NUMBER, PLACE] = [0, 1, 2, 3];

const BLOCK_BYTES = 2 ** 14;
/** Slots and the ends of chains lie in blocks of so many. */
export const BLOCK_SLOTS = BLOCK_BYTES / (4 * SLOT_WORDS);
export const BLOCK_ENDS = BLOCK_BYTES / 4;

/** A chain is slots whose codes have the same last bits, at least and at most so many. */
export const LEAST_CHAIN_BITS = 10;
export const MOST_CHAIN_BITS = PLACE_BITS;

/** Neighbouring slots in the order of their chains. */
export interface Run {
  /** Its first slot, and the one behind its last. */
  readonly first: number;
  readonly end: number;
  readonly chainBits: number;
  /** Where the blocks are that say of each chain which slot is behind its last one. */
  readonly ends: readonly number[];
}

/** See code-chains.wat; all but bits, slots and the distance are addresses. */
interface LookUpKernel {
  begin(chain: number, weak: number, code: number, ends: number, first: number, to: number): number;
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

/** See chain-sort.wat. */
interface SortKernel {
  sort(slots: number, first: number, end: number, chainBits: number, ends: number, scratch: number): void;
}

/** So many codes are looked for at once. */
export const MOST_CODES = 64;
const CODE_BYTES = 12;
const CHAIN_BYTES = 12;
const HIT_BYTES = 16;
/** First the codes and the chains that are read, then hits, then where the blocks of ends and of slots are. */
const LEFT_ADDRESS = 0;
const CODES_ADDRESS = 4;
const CHAINS_ADDRESS = CODES_ADDRESS + CODE_BYTES * MOST_CODES;
const HITS_ADDRESS = PAGE_BYTES;
const ENDS_ADDRESS = 3 * PAGE_BYTES;
/** A block may be read before it is looked whether there is room; one hit more is written where they end, and does not count. */
const ROOM = ENDS_ADDRESS - HIT_BYTES * (BLOCK_SLOTS + 1);
const SLOTS_ADDRESS = ENDS_ADDRESS + 4 * (2 ** MOST_CHAIN_BITS / BLOCK_ENDS);
/** As many as there may be in all the memory that can be addressed. */
const MOST_SLOT_BLOCKS = 2 ** 18;

/** The blocks of all tables of this thread. */
export const arena = new BlockArena(BLOCK_BYTES, SLOTS_ADDRESS + 4 * MOST_SLOT_BLOCKS);

/** Sorts the slots of a run, and fills its ends. */
export function sortRun({ first, end, chainBits, ends }: Run, slots: readonly number[]): void {
  arena.words.set(slots, SLOTS_ADDRESS / 4);
  arena.words.set(ends, ENDS_ADDRESS / 4);
  // Where hits are otherwise.
  sorting.sort(SLOTS_ADDRESS, first, end, chainBits, ENDS_ADDRESS, HITS_ADDRESS);
}

/** Slots of a table. */
export interface Slots {
  readonly blocks: readonly number[];
  readonly runs: readonly Run[];
  /** How many there are. Those behind the last run are in any order. */
  readonly count: number;
}

/** Adds each slot to the hits whose code is alike to one of the probes, MOST_CODES at most. */
export function findAlike({ blocks, runs, count }: Slots, probes: readonly Probe[], hits: CodeHits): void {
  const { words } = arena;
  words.set(blocks, SLOTS_ADDRESS / 4);
  for (const [i, { low, high, strict }] of probes.entries()) {
    const at = CODES_ADDRESS / 4 + (CODE_BYTES / 4) * i;
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = strict;
  }
  for (const run of runs) readListed(chainsOf(run, probes), hits);
  const first = runs.at(-1)?.end ?? 0;
  if (first < count) readListed(allOf(first, count, probes), hits);
}

/** Lists the chains of a run in which something may be alike. Returns the address behind the last one. */
function chainsOf({ first, chainBits, ends }: Run, probes: readonly Probe[]): number {
  arena.words.set(ends, ENDS_ADDRESS / 4);
  const chains = 2 ** chainBits - 1;
  return probes.reduce(
    (to, { low, strict }, i) =>
      lookUp.begin(low & chains, ~strict & chains, CODES_ADDRESS + CODE_BYTES * i, ENDS_ADDRESS, first, to),
    CHAINS_ADDRESS,
  );
}

/** Lists slots as if they were one chain, of all codes. Returns the address behind the last one. */
function allOf(first: number, end: number, probes: readonly Probe[]): number {
  for (const i of probes.keys())
    arena.words.set([first, end, CODES_ADDRESS + CODE_BYTES * i], (CHAINS_ADDRESS + CHAIN_BYTES * i) / 4);
  return CHAINS_ADDRESS + CHAIN_BYTES * probes.length;
}

/** Reads the chains that are listed up to this address. */
function readListed(end: number, hits: CodeHits): void {
  const { words } = arena;
  for (let at = CHAINS_ADDRESS; at < end; at = words[LEFT_ADDRESS / 4]!) {
    const behind = lookUp.follow(MOST_DISTANCE, SLOTS_ADDRESS, at, end, LEFT_ADDRESS, HITS_ADDRESS, ROOM);
    for (let hit = HITS_ADDRESS / 4; hit < behind / 4; hit += HIT_BYTES / 4)
      hits.add((words[hit]! - CODES_ADDRESS) / CODE_BYTES, words[hit + 1]!, words[hit + 2]!, words[hit + 3]!);
  }
}

// The exports are what the .wat files declare.
const lookUp = compileKernel(codeChains)({ arena: { memory: arena.memory } }) as LookUpKernel;
const sorting = compileKernel(chainSort)({ arena: { memory: arena.memory } }) as SortKernel;

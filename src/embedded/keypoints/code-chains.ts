import { BlockArena } from '../block-arena.js';
import { compileKernel, PAGE_BYTES } from '../web-assembly.js';
import { type CodeHits, HIT_WORDS } from './code-hits.js';
import { PLACE_BITS } from './codes.js';
import { chainSort, codeChains } from './kernels.js';
import { MOST_DISTANCE, type Probe } from './probe.js';
import type { SlotList } from './slot-list.js';

/** What a slot holds, in words: both halves of a code, the number of its keypoint, and its place in the picture. */
export const SLOT_WORDS = 4;
export const [LOW, HIGH, NUMBER, PLACE] = [0, 1, 2, 3];

const BLOCK_BYTES = 2 ** 14;
/** Slots and the ends of chains lie in blocks of so many. */
export const BLOCK_SLOTS = BLOCK_BYTES / (4 * SLOT_WORDS);
export const BLOCK_ENDS = BLOCK_BYTES / 4;

/** A chain is slots whose codes have the same first bits of those that decide their place, at least and at most so many. */
export const LEAST_CHAIN_BITS = 10;
export const MOST_CHAIN_BITS = PLACE_BITS;

/** A section is chains whose codes have the same first LEAST_CHAIN_BITS: side by side in each run. */
export const SECTIONS = 2 ** LEAST_CHAIN_BITS;

/** Slots in the order of their chains. */
export interface Run {
  readonly slots: SlotList;
  readonly chainBits: number;
  /** Where the blocks are that say of each chain which slot is behind its last one; 0 where there are no sections. */
  readonly ends: number[];
  /** The sections that are there, from the first one to before the last: all, but where they move to another run. */
  readonly sections: { first: number; end: number };
}

/** See code-chains.wat; all but bits, slots and the distance are addresses. */
interface LookUpKernel {
  begin(
    chain: number,
    weak: number,
    code: number,
    ends: number,
    least: number,
    chains: number,
    to: number,
  ): number;
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
  sort(slots: number, end: number, chainBits: number, ends: number, scratch: number): void;
  spread(
    slots: number,
    first: number,
    end: number,
    shift: number,
    digits: number,
    next: number,
    ends: number,
  ): void;
}

/** So many codes are looked for at once. */
export const MOST_CODES = 64;
const CODE_BYTES = 16;
const CHAIN_BYTES = 12;
const HIT_BYTES = 4 * HIT_WORDS;
/** First the codes and the chains that are read, then hits, then where the blocks of ends and of slots are. */
const LEFT_ADDRESS = 0;
const CODES_ADDRESS = 4;
const CHAINS_ADDRESS = CODES_ADDRESS + CODE_BYTES * MOST_CODES;
const HITS_ADDRESS = PAGE_BYTES;
const ENDS_ADDRESS = 3 * PAGE_BYTES;
/** Sorting has its lists where hits are otherwise: its digits have 12 bits at most. */
const SCRATCH_ADDRESS = HITS_ADDRESS;
const FOUND_ENDS_ADDRESS = SCRATCH_ADDRESS + 4 * 2 ** 12;
/** A block may be read before it is looked whether there is room; one hit more is written where they end, and does not count. */
const ROOM = ENDS_ADDRESS - HIT_BYTES * (BLOCK_SLOTS + 1);
const SLOTS_ADDRESS = ENDS_ADDRESS + 4 * (2 ** MOST_CHAIN_BITS / BLOCK_ENDS);
/** As many as there may be in all the memory that can be addressed. */
const MOST_SLOT_BLOCKS = 2 ** 18;

/** The blocks of all tables of this thread. */
export const arena = new BlockArena(BLOCK_BYTES, SLOTS_ADDRESS + 4 * MOST_SLOT_BLOCKS);

/** Sorts the slots of a run, and fills its ends. */
export function sortRun({ slots, chainBits, ends }: Run): void {
  arena.words.set(slots.blocks, SLOTS_ADDRESS / 4);
  arena.words.set(ends, ENDS_ADDRESS / 4);
  sorting.sort(SLOTS_ADDRESS, slots.count, chainBits, ENDS_ADDRESS, SCRATCH_ADDRESS);
}

/** Sorts the slots of a run from `first` on, which are those of one section, and fills the ends of its chains. */
export function sortSection({ slots, chainBits, ends }: Run, section: number, first: number): void {
  const { words } = arena;
  const block = Math.floor(first / BLOCK_SLOTS);
  words.set(slots.blocks.slice(block), SLOTS_ADDRESS / 4 + block);
  const chains = firstChain(1, chainBits);
  const shift = PLACE_BITS - chainBits;
  sorting.spread(SLOTS_ADDRESS, first, slots.count, shift, chains, SCRATCH_ADDRESS, FOUND_ENDS_ADDRESS);
  const found = FOUND_ENDS_ADDRESS / 4;
  words.copyWithin(wordOfEnd(ends, section * chains), found, found + chains);
}

/** The first slot of a section of a run. */
export function startOfSection({ chainBits, ends }: Run, section: number): number {
  const chain = firstChain(section, chainBits);
  return chain === 0 ? 0 : arena.words[wordOfEnd(ends, chain - 1)]!;
}

/** The first chain of a section. */
export function firstChain(section: number, chainBits: number): number {
  return section * 2 ** (chainBits - LEAST_CHAIN_BITS);
}

/** Where in the arena the end of a chain is. */
function wordOfEnd(ends: readonly number[], chain: number): number {
  return ends[Math.floor(chain / BLOCK_ENDS)]! / 4 + (chain % BLOCK_ENDS);
}

/** Adds to the hits the slots of sorted runs whose code is alike to one of the probes, MOST_CODES at most. */
export function findInRuns(runs: readonly Run[], probes: readonly Probe[], hits: CodeHits): void {
  writeCodes(probes);
  for (const run of runs) {
    arena.words.set(run.slots.blocks, SLOTS_ADDRESS / 4);
    readListed(chainsOf(run, probes), hits);
  }
}

/** The same of slots in any order. */
export function findInAny(slots: SlotList, probes: readonly Probe[], hits: CodeHits): void {
  if (slots.count === 0) return;
  writeCodes(probes);
  arena.words.set(slots.blocks, SLOTS_ADDRESS / 4);
  // As if they were one chain, of all codes.
  for (const i of probes.keys())
    arena.words.set([0, slots.count, CODES_ADDRESS + CODE_BYTES * i], (CHAINS_ADDRESS + CHAIN_BYTES * i) / 4);
  readListed(CHAINS_ADDRESS + CHAIN_BYTES * probes.length, hits);
}

function writeCodes(probes: readonly Probe[]): void {
  const { words } = arena;
  for (const [i, { low, high, strict }] of probes.entries()) {
    const at = CODES_ADDRESS / 4 + (CODE_BYTES / 4) * i;
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = strict;
    words[at + 3] = i;
  }
}

/** Lists the chains of a run in which something may be alike. Returns the address behind the last one. */
function chainsOf({ chainBits, ends, sections }: Run, probes: readonly Probe[]): number {
  arena.words.set(ends, ENDS_ADDRESS / 4);
  const shift = PLACE_BITS - chainBits;
  const mask = 2 ** chainBits - 1;
  const least = firstChain(sections.first, chainBits);
  const count = firstChain(sections.end, chainBits) - least;
  return probes.reduce((to, { low, strict }, i) => {
    const [chain, weak] = [(low >>> shift) & mask, (~strict >>> shift) & mask];
    return lookUp.begin(chain, weak, CODES_ADDRESS + CODE_BYTES * i, ENDS_ADDRESS, least, count, to);
  }, CHAINS_ADDRESS);
}

/** Reads the chains that are listed up to this address. */
function readListed(end: number, hits: CodeHits): void {
  const { words } = arena;
  for (let at = CHAINS_ADDRESS; at < end; at = words[LEFT_ADDRESS / 4]!) {
    const behind = lookUp.follow(MOST_DISTANCE, SLOTS_ADDRESS, at, end, LEFT_ADDRESS, HITS_ADDRESS, ROOM);
    hits.add(words.subarray(HITS_ADDRESS / 4, behind / 4));
  }
}

// The exports are what the .wat files declare.
const lookUp = compileKernel(codeChains)({ arena: { memory: arena.memory } }) as LookUpKernel;
const sorting = compileKernel(chainSort)({ arena: { memory: arena.memory } }) as SortKernel;

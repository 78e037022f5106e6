import { BlockArena } from '../block-arena.js';
import { HASH_BYTES } from '../picture/dct-hash.js';
import { compileKernel, PAGE_BYTES } from '../web-assembly.js';
import { hammingScan } from './kernels.js';

/** Hashes are kept in blocks of this many rows. */
export const BLOCK_ROWS = 1024;
export const BLOCK_BYTES = BLOCK_ROWS * HASH_BYTES;
/** In a block, the pivot classes of all rows come first, then what is left of each row. */
const REST_OFFSET = 8 * BLOCK_ROWS;
const PIVOT_OFFSET_IN_HASH = 24;
const REST_BYTES = HASH_BYTES - 8;

/** One hash that is looked for. */
export interface Probe {
  /** In the order of hash-chunks.ts, as `doubtful`. */
  readonly hash: Uint8Array;
  /** The bits of which one may differ in a chunk that agrees. */
  readonly doubtful: Uint8Array;
  /** The greatest distance that counts. */
  readonly threshold: number;
  /** The greatest distance of the pivot class that counts. */
  readonly pivotBound: number;
}

/** A row that matches: its number, counted over the blocks, and threshold - distance. */
export type OnHit = (row: number, margin: number) => void;

/** The inner loops in WebAssembly, see hamming-scan.wat. Both return the address behind the last hit. */
interface Kernel {
  scan(block: number, rows: number, probe: number, hits: number): number;
  check(
    lower: number,
    upper: number,
    count: number,
    runs: number,
    rows: number,
    blocks: number,
    hits: number,
  ): number;
}

const PROBE_BYTES = 72;
const PROBES_ADDRESS = 0;
const MOST_PROBES = 512;
/** Behind the probes come hits, then rows to check and their runs, then the addresses of the blocks of a plane. */
const HITS_ADDRESS = PAGE_BYTES;
/** What is read of so many rows stays in the processor's nearest cache. */
const MOST_CHECKED = 256;
const LOWER_ADDRESS = 2 * PAGE_BYTES;
const UPPER_ADDRESS = LOWER_ADDRESS + 2 * MOST_CHECKED;
const RUNS_ADDRESS = UPPER_ADDRESS + MOST_CHECKED;
const RUN_WORDS = 3;
const ROWS_ADDRESS = RUNS_ADDRESS + 4 * RUN_WORDS * MOST_CHECKED;
const BLOCKS_ADDRESS = 3 * PAGE_BYTES;
/** As many as there may be of one plane in all the memory that can be addressed. */
const MOST_BLOCKS = 2 ** 15;

/** The blocks of all indexes of this thread. */
export const arena = new BlockArena(BLOCK_BYTES, BLOCKS_ADDRESS + 4 * MOST_BLOCKS);
const { memory } = arena;

/** @param hash in the order of hash-chunks.ts */
export function writeRow(block: number, row: number, hash: Uint8Array): void {
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(hash.subarray(PIVOT_OFFSET_IN_HASH), block + 8 * row);
  bytes.set(hash.subarray(0, PIVOT_OFFSET_IN_HASH), block + REST_OFFSET + REST_BYTES * row);
}

/** Copies a row, also within its block. */
export function copyRow(from: { block: number; row: number }, to: { block: number; row: number }): void {
  const bytes = new Uint8Array(memory.buffer);
  bytes.copyWithin(to.block + 8 * to.row, from.block + 8 * from.row, from.block + 8 * (from.row + 1));
  const rest = from.block + REST_OFFSET + REST_BYTES * from.row;
  bytes.copyWithin(to.block + REST_OFFSET + REST_BYTES * to.row, rest, rest + REST_BYTES);
}

/** A chunk of each row of a block: entry `row * step` of the view. It is there until the next block is allocated. */
export function chunksOfBlock(block: number, chunk: number): { chunks: Uint16Array; step: number } {
  const inRest = 2 * chunk < PIVOT_OFFSET_IN_HASH;
  const first = inRest ? REST_OFFSET + 2 * chunk : 2 * chunk - PIVOT_OFFSET_IN_HASH;
  return { chunks: new Uint16Array(memory.buffer, block + first), step: (inRest ? REST_BYTES : 8) / 2 };
}

function writeProbe({ hash, doubtful, threshold, pivotBound }: Probe, place: number): void {
  const address = PROBES_ADDRESS + place * PROBE_BYTES;
  const bytes = new Uint8Array(memory.buffer, address, PROBE_BYTES);
  for (const [at, bits] of [hash, doubtful].entries()) {
    bytes.set(bits.subarray(PIVOT_OFFSET_IN_HASH), at * HASH_BYTES);
    bytes.set(bits.subarray(0, PIVOT_OFFSET_IN_HASH), at * HASH_BYTES + 8);
  }
  const numbers = new DataView(memory.buffer, address, PROBE_BYTES);
  numbers.setInt32(64, threshold, true);
  numbers.setInt32(68, pivotBound, true);
}

/** Takes the probes of the next calls; a probe is named by its place among them. */
export function setProbes(probes: readonly Probe[]): void {
  if (probes.length > MOST_PROBES) throw new RangeError(`At most ${MOST_PROBES} probes at a time.`);
  probes.forEach(writeProbe);
}

/**
 * Calls `hit` for each row from `first` (rounded down to a block) to before `end` that matches the probe at one of the
 * places. The distance is the smallest over the four flips: identity, mirror, upside down, turned by 180°.
 */
export function scanBlocks(
  blocks: readonly number[],
  { first, end }: { first: number; end: number },
  places: readonly number[],
  hit: OnHit,
): void {
  for (let index = Math.floor(first / BLOCK_ROWS); index * BLOCK_ROWS < end; index++) {
    const count = Math.min(BLOCK_ROWS, end - index * BLOCK_ROWS);
    // Block by block, so that its pivots stay in the processor's nearest cache for all probes.
    for (const place of places) {
      const probe = PROBES_ADDRESS + place * PROBE_BYTES;
      // The kernel takes four rows at a time.
      const behind = kernel.scan(blocks[index]!, (count + 3) & ~3, probe, HITS_ADDRESS);
      if (behind === HITS_ADDRESS) continue;
      const hits = new Uint16Array(memory.buffer, HITS_ADDRESS, (behind - HITS_ADDRESS) / 2);
      for (let at = 0; at < hits.length; at += 2) {
        if (hits[at]! < count) hit(index * BLOCK_ROWS + hits[at]!, hits[at + 1]!);
      }
    }
  }
}

/** More are quicker copied by one call. */
const MOST_COPIED_SINGLY = 32;

/** The numbers of rows, counted from the first one: their lower 16 bits, and those above. */
export interface PostedRows {
  readonly first: number;
  readonly lower: Uint16Array;
  readonly upper: Uint8Array;
}

/** Compares rows that an index gives with probes, some hundred at a time. It is there until the next block is allocated. */
export class RowChecker {
  readonly #hit: OnHit;
  readonly #lower = new Uint16Array(memory.buffer, LOWER_ADDRESS, MOST_CHECKED);
  readonly #upper = new Uint8Array(memory.buffer, UPPER_ADDRESS, MOST_CHECKED);
  /** How many of the rows are compared with which probe, and what they are counted from, run by run. */
  readonly #runs = new Uint32Array(memory.buffer, RUNS_ADDRESS, RUN_WORDS * MOST_CHECKED);
  #count = 0;
  #runCount = 0;

  /**
   * @param blocks of the plane
   * @param hit called for each row that matches the probe that it is compared with
   */
  constructor(blocks: readonly number[], hit: OnHit) {
    if (blocks.length > MOST_BLOCKS) throw new RangeError(`At most ${MOST_BLOCKS} blocks.`);
    new Uint32Array(memory.buffer, BLOCKS_ADDRESS, blocks.length).set(blocks);
    this.#hit = hit;
  }

  /** Adds the posted rows from `start` to before `end` for the probe at a place. */
  add({ first, lower, upper }: PostedRows, start: number, end: number, place: number): void {
    for (let at = start; at < end; ) {
      const stop = Math.min(end, at + MOST_CHECKED - this.#count);
      this.#copy(lower, upper, at, stop);
      const run = RUN_WORDS * this.#runCount++;
      this.#runs[run] = stop - at;
      this.#runs[run + 1] = PROBES_ADDRESS + place * PROBE_BYTES;
      this.#runs[run + 2] = first;
      this.#count += stop - at;
      at = stop;
      if (this.#count === MOST_CHECKED) this.finish();
    }
  }

  #copy(lower: Uint16Array, upper: Uint8Array, start: number, end: number): void {
    if (end - start > MOST_COPIED_SINGLY) {
      this.#lower.set(lower.subarray(start, end), this.#count);
      this.#upper.set(upper.subarray(start, end), this.#count);
      return;
    }
    for (let at = start, to = this.#count; at < end; at++, to++) {
      this.#lower[to] = lower[at]!;
      this.#upper[to] = upper[at]!;
    }
  }

  /** Compares what was added and is not compared yet. */
  finish(): void {
    if (this.#count === 0) return;
    const behind = kernel.check(
      LOWER_ADDRESS,
      UPPER_ADDRESS,
      this.#count,
      RUNS_ADDRESS,
      ROWS_ADDRESS,
      BLOCKS_ADDRESS,
      HITS_ADDRESS,
    );
    this.#count = 0;
    this.#runCount = 0;
    if (behind === HITS_ADDRESS) return;
    const hits = new Uint32Array(memory.buffer, HITS_ADDRESS, (behind - HITS_ADDRESS) / 4);
    for (let at = 0; at < hits.length; at += 2) this.#hit(hits[at]!, hits[at + 1]!);
  }
}

// The exports are what hamming-scan.wat declares.
const kernel = compileKernel(hammingScan)({ arena: { memory } }) as Kernel;

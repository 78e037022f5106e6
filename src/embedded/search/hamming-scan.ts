import { HASH_BYTES } from '../picture/dct-hash.js';
import { hammingScan } from './kernels.js';
import { compileKernel, createMemory, PAGE_BYTES } from './web-assembly.js';

/** Hashes are kept in blocks of this many rows. */
export const BLOCK_ROWS = 1024;
export const BLOCK_BYTES = BLOCK_ROWS * HASH_BYTES;
/** In a block, the pivot classes of all rows come first, then what is left of each row. */
const REST_OFFSET = 8 * BLOCK_ROWS;
const PIVOT_OFFSET_IN_HASH = 24;
const REST_BYTES = HASH_BYTES - 8;

/** One hash that is looked for. */
export interface Probe {
  readonly hash: Uint8Array;
  /** The greatest distance that counts. */
  readonly threshold: number;
  /** The greatest distance of the pivot class that counts. */
  readonly pivotBound: number;
}

/** The inner loop in WebAssembly, see hamming-scan.wat. */
interface Kernel {
  /** Returns the address behind the last hit; a hit is the row (u16) and threshold - distance (u16). */
  scan(block: number, rows: number, probe: number, hits: number): number;
}

const PROBE_BYTES = 40;
const PROBES_ADDRESS = 0;
const MOST_PROBES = 1024;
const HITS_ADDRESS = PROBES_ADDRESS + MOST_PROBES * PROBE_BYTES;
const FIRST_BLOCK_ADDRESS = PAGE_BYTES;

/** All blocks of all indexes of this thread: it never shrinks, but blocks are used again. */
const memory = createMemory();
let nextBlock = FIRST_BLOCK_ADDRESS;
const freeBlocks: number[] = [];

/** The address of a block whose rows are all zero. */
export function allocateBlock(): number {
  const free = freeBlocks.pop();
  if (free !== undefined) {
    new Uint8Array(memory.buffer, free, BLOCK_BYTES).fill(0);
    return free;
  }
  if (nextBlock + BLOCK_BYTES > memory.buffer.byteLength) memory.grow(16);
  const block = nextBlock;
  nextBlock += BLOCK_BYTES;
  return block;
}

/** Gives a block back, which the caller does not use any more. */
export function freeBlock(block: number): void {
  freeBlocks.push(block);
}

export function writeRow(block: number, row: number, hash: Uint8Array): void {
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(hash.subarray(PIVOT_OFFSET_IN_HASH), block + 8 * row);
  bytes.set(hash.subarray(0, PIVOT_OFFSET_IN_HASH), block + REST_OFFSET + REST_BYTES * row);
}

function writeProbe({ hash, threshold, pivotBound }: Probe, place: number): void {
  const address = PROBES_ADDRESS + place * PROBE_BYTES;
  const bytes = new Uint8Array(memory.buffer, address, PROBE_BYTES);
  bytes.set(hash.subarray(PIVOT_OFFSET_IN_HASH), 0);
  bytes.set(hash.subarray(0, PIVOT_OFFSET_IN_HASH), 8);
  const numbers = new DataView(memory.buffer, address, PROBE_BYTES);
  numbers.setInt32(32, threshold, true);
  numbers.setInt32(36, pivotBound, true);
}

/**
 * Calls `hit` with each row (counted over the blocks) that matches a probe, and with threshold - distance. The distance
 * is the smallest over the four flips of the probe: identity, mirror, upside down, turned by 180°.
 */
export function scanBlocks(
  blocks: readonly number[],
  rows: number,
  probes: readonly Probe[],
  hit: (row: number, margin: number) => void,
): void {
  if (probes.length > MOST_PROBES) throw new RangeError(`At most ${MOST_PROBES} probes at a time.`);
  probes.forEach(writeProbe);
  for (let first = 0, index = 0; first < rows; first += BLOCK_ROWS, index++) {
    const count = Math.min(BLOCK_ROWS, rows - first);
    // Block by block, so that its pivots stay in the processor's nearest cache for all probes.
    for (let place = 0; place < probes.length; place++) {
      const probe = PROBES_ADDRESS + place * PROBE_BYTES;
      // The kernel takes four rows at a time.
      const end = kernel.scan(blocks[index]!, (count + 3) & ~3, probe, HITS_ADDRESS);
      if (end === HITS_ADDRESS) continue;
      const hits = new Uint16Array(memory.buffer, HITS_ADDRESS, (end - HITS_ADDRESS) / 2);
      for (let at = 0; at < hits.length; at += 2) {
        if (hits[at]! < count) hit(first + hits[at]!, hits[at + 1]!);
      }
    }
  }
}

// The exports are what hamming-scan.wat declares.
const kernel = compileKernel(hammingScan)({ arena: { memory } }) as Kernel;

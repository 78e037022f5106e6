import { HASH_BYTES } from '../picture/dct-hash.js';

/** Hashes are kept in blocks of this many rows. */
export const BLOCK_ROWS = 1024;
const BLOCK_BYTES = BLOCK_ROWS * HASH_BYTES;
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

interface Kernel {
  /** Returns the address behind the last hit; a hit is the row (u16) and threshold - distance (u16). */
  scan(block: number, rows: number, probe: number, hits: number): number;
}

/** What is used of WebAssembly, which Node has but its types leave to the DOM's. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const PAGE_BYTES = 65536;
const PROBE_BYTES = 40;
const PROBES_ADDRESS = 0;
const MOST_PROBES = 1024;
const HITS_ADDRESS = PROBES_ADDRESS + MOST_PROBES * PROBE_BYTES;
const FIRST_BLOCK_ADDRESS = PAGE_BYTES;

/** All blocks of all indexes of this thread, which last as long as it. */
const memory = new WebAssembly.Memory({ initial: 1 });
let nextBlock = FIRST_BLOCK_ADDRESS;

/** The address of a block whose rows are all zero. */
export function allocateBlock(): number {
  if (nextBlock + BLOCK_BYTES > memory.buffer.byteLength) memory.grow(16);
  const block = nextBlock;
  nextBlock += BLOCK_BYTES;
  return block;
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

/*
 * The kernel. Mirroring negates whole classes of a hash, so with m0, m1, m2 = 32 - distance of the classes 0, 1 and 2
 * the smallest distance over the flips is: distance of class 3 (the pivot, which no flip changes) + 96
 * - max(m0 + m1 + m2, m1 - m0 - m2, m2 - m0 - m1, m0 - m1 - m2). Nearly every row fails at its pivot alone.
 *
 * (module
 *   (memory (import "arena" "memory") 1)
 *   (func (export "scan") (param $block i32) (param $rows i32) (param $probe i32) (param $hits i32) (result i32)
 *     (local $pivot i64) (local $bound i32) (local $at i32) (local $end i32)
 *     (local.set $pivot (i64.load (local.get $probe)))
 *     (local.set $bound (i32.load offset=36 (local.get $probe)))
 *     (local.set $at (local.get $block))
 *     (local.set $end (i32.add (local.get $block) (i32.shl (local.get $rows) (i32.const 3))))
 *     (loop $four
 *       (if (i32.or (i32.or (i32.or (i32.le_u (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $pivot) (i64.load offset=0 (local.get $at))))) (local.get $bound))
 *  (i32.le_u (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $pivot) (i64.load offset=8 (local.get $at))))) (local.get $bound)))
 *  (i32.le_u (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $pivot) (i64.load offset=16 (local.get $at))))) (local.get $bound)))
 *  (i32.le_u (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $pivot) (i64.load offset=24 (local.get $at))))) (local.get $bound)))
 *         (then (local.set $hits (call $check (local.get $block) (local.get $at) (local.get $probe) (local.get $hits)))))
 *       (br_if $four (i32.lt_u
 *         (local.tee $at (i32.add (local.get $at) (i32.const 32))) (local.get $end))))
 *     (local.get $hits))
 *   (func $check (param $block i32) (param $at i32) (param $probe i32) (param $hits i32) (result i32)
 *     (local $end i32) (local $rest i32) (local $d i32) (local $m0 i32) (local $m1 i32) (local $m2 i32)
 *     (local.set $end (i32.add (local.get $at) (i32.const 32)))
 *     (loop $row
 *       (local.set $d (i32.wrap_i64 (i64.popcnt (i64.xor (i64.load (local.get $at)) (i64.load (local.get $probe))))))
 *       (if (i32.le_u (local.get $d) (i32.load offset=36 (local.get $probe)))
 *         (then
 *           (local.set $rest (i32.add (i32.add (local.get $block) (i32.const 8192))
 *             (i32.mul (i32.sub (local.get $at) (local.get $block)) (i32.const 3))))
 *           (local.set $m0 (call $agreement (i64.load (local.get $rest)) (i64.load offset=8 (local.get $probe))))
 *           (local.set $m1 (call $agreement (i64.load offset=8 (local.get $rest)) (i64.load offset=16 (local.get $probe))))
 *           (local.set $m2 (call $agreement (i64.load offset=16 (local.get $rest)) (i64.load offset=24 (local.get $probe))))
 *           (local.set $d (i32.add
 *             (i32.sub (i32.load offset=32 (local.get $probe)) (i32.add (local.get $d) (i32.const 96)))
 *             (call $max
 *             (call $max
 *               (i32.add (local.get $m0) (i32.add (local.get $m1) (local.get $m2)))
 *               (i32.sub (local.get $m1) (i32.add (local.get $m0) (local.get $m2))))
 *             (call $max
 *               (i32.sub (local.get $m2) (i32.add (local.get $m0) (local.get $m1)))
 *               (i32.sub (local.get $m0) (i32.add (local.get $m1) (local.get $m2)))))))
 *           (if (i32.ge_s (local.get $d) (i32.const 0))
 *             (then
 *               (i32.store16 (local.get $hits) (i32.shr_u (i32.sub (local.get $at) (local.get $block)) (i32.const 3)))
 *               (i32.store16 offset=2 (local.get $hits) (local.get $d))
 *               (local.set $hits (i32.add (local.get $hits) (i32.const 4)))))))
 *       (br_if $row (i32.lt_u
 *         (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end))))
 *     (local.get $hits))
 *   (func $agreement (param $a i64) (param $b i64) (result i32)
 *     (i32.sub (i32.const 32) (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $a) (local.get $b))))))
 *   (func $max (param $a i32) (param $b i32) (result i32)
 *     (select (local.get $a) (local.get $b) (i32.gt_s (local.get $a) (local.get $b)))))
 */
const KERNEL_WASM = [
  'AGFzbQEAAAABFQNgBH9/f38Bf2ACfn4Bf2ACf38BfwIRAQVhcmVuYQZtZW1vcnkCAAEDBQQAAAECBwgBBHNjYW4AAArhAgR5AgF+',
  'A38gAikDACEEIAIoAiQhBSAAIQYgACABQQN0aiEHA0AgBCAGKQMAhXunIAVNIAQgBikDCIV7pyAFTXIgBCAGKQMQhXunIAVNciAE',
  'IAYpAxiFe6cgBU1yBEAgACAGIAIgAxABIQMLIAZBIGoiBiAHSQ0ACyADC8oBAQZ/IAFBIGohBANAIAEpAwAgAikDAIV7pyEGIAYg',
  'AigCJE0EQCAAQYDAAGogASAAa0EDbGohBSAFKQMAIAIpAwgQAiEHIAUpAwggAikDEBACIQggBSkDECACKQMYEAIhCSACKAIgIAZB',
  '4ABqayAHIAggCWpqIAggByAJamsQAyAJIAcgCGprIAcgCCAJamsQAxADaiEGIAZBAE4EQCADIAEgAGtBA3Y7AQAgAyAGOwECIANB',
  'BGohAwsLIAFBCGoiASAESQ0ACyADCwwAQSAgACABhXunawsMACAAIAEgACABShsL',
].join('');

const kernelModule = new WebAssembly.Module(Buffer.from(KERNEL_WASM, 'base64'));
const kernel = new WebAssembly.Instance(kernelModule, { arena: { memory } }).exports as Kernel;

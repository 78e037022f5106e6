import { compileKernel, createMemory } from '../web-assembly.js';
import { BASIS, OFFSETS } from './basis.js';
import { distances } from './kernels.js';
import { PATCH_VALUES } from './patch.js';

/** Bits of a code. */
export const CODE_BITS = 64;
/** The first bits of a code decide its place in an index. */
export const PLACE_BITS = 22;
/** Of them, so many may differ where two patches are alike: the least certain ones of the one that is looked for. */
export const WEAK_BITS = 6;

/** A patch in short: each bit says on which side of a plane it lies. */
export interface Code {
  /** Bits 0 to 31. */
  readonly low: number;
  /** Bits 32 to 63. */
  readonly high: number;
  /** Which of the first PLACE_BITS lie nearest to their planes, the nearest first. */
  readonly weak: readonly number[];
}

/** Where things stand in the memory of the kernel. */
const WEIGHTS_AT = 0;
const OFFSETS_AT = WEIGHTS_AT + CODE_BITS * PATCH_VALUES * Int16Array.BYTES_PER_ELEMENT;
const PATCH_AT = OFFSETS_AT + CODE_BITS * Int32Array.BYTES_PER_ELEMENT;
const DISTANCES_AT = PATCH_AT + PATCH_VALUES * Int16Array.BYTES_PER_ELEMENT;
const DISTANCES_END = DISTANCES_AT + CODE_BITS * Int32Array.BYTES_PER_ELEMENT;

const memory = createMemory();
// The export is what codes.wat declares.
const kernel = compileKernel(distances)({ arena: { memory } }) as {
  distances(patch: number, values: number, weights: number, offsets: number, to: number, end: number): void;
};
new Int16Array(memory.buffer, WEIGHTS_AT).set(new Int8Array(Buffer.from(BASIS, 'base64')));
new Int32Array(memory.buffer, OFFSETS_AT).set(OFFSETS);
const patchValues = new Int16Array(memory.buffer, PATCH_AT, PATCH_VALUES);
const found = new Int32Array(memory.buffer, DISTANCES_AT, CODE_BITS);

/** How far a patch is from each of the planes: whole numbers, so that it has the same code everywhere. */
export function distancesOf(patch: Uint8Array): Int32Array {
  patchValues.set(patch);
  kernel.distances(PATCH_AT, PATCH_VALUES, WEIGHTS_AT, OFFSETS_AT, DISTANCES_AT, DISTANCES_END);
  return found.slice();
}

export function codeOf(patch: Uint8Array): Code {
  const sums = distancesOf(patch);
  const half = (from: number) => {
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) if (sums[from + bit]! > 0) bits |= 1 << bit;
    return bits >>> 0;
  };
  const weak = Array.from({ length: PLACE_BITS }, (_, bit) => bit)
    .sort((a, b) => Math.abs(sums[a]!) - Math.abs(sums[b]!) || a - b)
    .slice(0, WEAK_BITS);
  return { low: half(0), high: half(32), weak };
}

import { compileKernel, createMemory, type KernelMemory, PAGE_BYTES } from '../web-assembly.js';
import { greyRows } from './kernels.js';

/** See grey-rows.wat; all but the number of pixels are addresses. */
export interface GreyKernel {
  luma(from: number, to: number, pixels: number): void;
  narrow(windows: number, end: number, to: number): void;
  narrowLong(windows: number, end: number, to: number): void;
}

/** A kernel with its memory. */
export interface GreyArena {
  memory: KernelMemory;
  kernel: GreyKernel;
}

/** The kernels read and write so many bytes behind the last pixel at most. */
export const SPARE_BYTES = 32;

const instantiate = compileKernel(greyRows);

export function createArena(bytes: number): GreyArena {
  const memory = createMemory();
  memory.grow(Math.ceil(bytes / PAGE_BYTES));
  // The exports are what grey-rows.wat declares.
  return { memory, kernel: instantiate({ arena: { memory } }) as GreyKernel };
}

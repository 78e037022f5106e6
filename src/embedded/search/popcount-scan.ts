import { compileKernel, type KernelMemory } from '../web-assembly.js';
import { popcountScan } from './kernels.js';

/**
 * The inner loop of the packed scan in WebAssembly, see popcount-scan.wat. All addresses are in bytes. The module's
 * memory begins with the matches of the last call, then the query; hashes are the caller's to place, from the second
 * page on.
 */
export interface PopcountScan {
  readonly memory: KernelMemory;
  /**
   * Compares the hashes from `start` to before `end`, one at least and all in one page, with the query. Each one
   * within the radius leaves a 32-bit match at the memory's beginning: its address within the page, plus its
   * distance << 16.
   * @returns how many matches there are
   */
  scan(start: number, end: number, radius: number): number;
}

/** Behind the matches of a full page: 8,192 of 4 bytes each. */
export const QUERY_ADDRESS = 0x8000;

const instantiate = compileKernel(popcountScan);

/** A scan with a memory of its own. */
export function createPopcountScan(): PopcountScan {
  // The exports are what popcount-scan.wat declares.
  return instantiate() as PopcountScan;
}

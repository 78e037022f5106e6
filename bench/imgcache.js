import { loadavg } from 'node:os';
import { printMachine } from './harness/machine.js';
import { print } from './harness/report.js';
import { runSections } from './harness/sections.js';
import { memory } from './imgcache/memory.js';
import { reads } from './imgcache/reads.js';
import { responsiveness } from './imgcache/responsiveness.js';
import { similar } from './imgcache/similar.js';
import { start } from './imgcache/start.js';
import { stores } from './imgcache/stores.js';

export const description =
  'the embedded imgcache: stores, look-alikes, reads, memory, start  [--quick] [--only A,B] [--profile DIR]';

const SECTIONS = { stores, similar, reads, memory, responsiveness, start };

/** @param {string[]} args */
export async function run(args) {
  printMachine();
  await runSections(args, SECTIONS);
  print(`\nLoad ${loadavg()[0]?.toFixed(1)} at the end`);
}

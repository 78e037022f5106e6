import { parseArgs } from 'node:util';
import { print } from './harness/report.js';
import { memory } from './imgcache/memory.js';
import { reads } from './imgcache/reads.js';
import { responsiveness } from './imgcache/responsiveness.js';
import { similar } from './imgcache/similar.js';
import { start } from './imgcache/start.js';
import { stores } from './imgcache/stores.js';

export const description =
  'the embedded imgcache: stores, look-alikes, reads, memory, start  [--quick] [--only A,B] [--profile DIR]';

const SECTIONS = { stores, similar, reads, memory, responsiveness, start };

/**
 * What each section gets.
 *
 * @typedef {object} BenchOptions
 * @property {boolean} quick small counts, to see that it works
 * @property {readonly string[]} nodeArgs of the gateways
 */

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(SECTIONS).join() },
      profile: { type: 'string' },
    },
  });
  const names = values.only.split(',');
  const unknown = names.find((name) => !(name in SECTIONS));
  if (unknown !== undefined)
    throw new Error(`There is no section ${unknown}, only: ${Object.keys(SECTIONS).join()}.`);
  const nodeArgs = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
  for (const name of names) await SECTIONS[name]({ quick: values.quick, nodeArgs });
  print('');
}

import { parseArgs } from 'node:util';
import { pages } from './graph/pages.js';
import { peers } from './graph/peers.js';
import { print } from './harness/report.js';

export const description =
  'the graph: pages with nested joins, and beside servers without GraphQL  [--quick] [--only A,B] [--profile DIR]';

const SECTIONS = { peers, pages };

/**
 * What each section gets.
 *
 * @typedef {object} BenchOptions
 * @property {boolean} quick few and short rounds, to see that it works
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

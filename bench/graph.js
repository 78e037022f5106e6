import { lists } from './graph/lists.js';
import { pages } from './graph/pages.js';
import { peers } from './graph/peers.js';
import { ways } from './graph/ways.js';
import { print } from './harness/report.js';
import { runSections } from './harness/sections.js';

export const description =
  'the graph: pages with nested joins, lists of a million entries, beside servers without GraphQL, and by all ways  [--quick] [--only A,B] [--profile DIR]';

const SECTIONS = { peers, pages, lists, ways };

/** @param {string[]} args */
export async function run(args) {
  await runSections(args, SECTIONS);
  print('');
}

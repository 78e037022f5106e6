import { lists } from './graph/lists.js';
import { pages } from './graph/pages.js';
import { peers } from './graph/peers.js';
import { print } from './harness/report.js';
import { runSections } from './harness/sections.js';

export const description =
  'the graph: pages with nested joins, lists of a million entries, and beside servers without GraphQL  [--quick] [--only A,B] [--profile DIR]';

const SECTIONS = { peers, pages, lists };

/** @param {string[]} args */
export async function run(args) {
  await runSections(args, SECTIONS);
  print('');
}

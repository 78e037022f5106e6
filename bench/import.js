import { print } from './harness/report.js';
import { runSections } from './harness/sections.js';
import { again } from './import/again.js';
import { files } from './import/files.js';

export const description =
  'lookalike import: files a second beside the bare store, and once more when all is there  [--quick] [--only A,B]';

const SECTIONS = { files, again };

/** @param {string[]} args */
export async function run(args) {
  await runSections(args, SECTIONS);
  print('');
}

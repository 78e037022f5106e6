import { parseArgs } from 'node:util';

/**
 * What each section of a bench gets.
 *
 * @typedef {object} BenchOptions
 * @property {boolean} quick few and short rounds, to see that it works
 * @property {readonly string[]} nodeArgs of the gateways
 */

/**
 * Runs those sections of a bench that its arguments ask for: `[--quick] [--only A,B] [--profile DIR]`.
 *
 * @param {string[]} args
 * @param {Record<string, (options: BenchOptions) => Promise<void>>} sections by name
 */
export async function runSections(args, sections) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(sections).join() },
      profile: { type: 'string' },
    },
  });
  const names = values.only.split(',');
  const unknown = names.find((name) => !(name in sections));
  if (unknown !== undefined)
    throw new Error(`There is no section ${unknown}, only: ${Object.keys(sections).join()}.`);
  const nodeArgs = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
  for (const name of names) await sections[name]({ quick: values.quick, nodeArgs });
}

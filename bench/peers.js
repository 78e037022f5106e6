import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { printMachine } from './harness/machine.js';
import { print } from './harness/report.js';
import { chartOf } from './peers/chart.js';
import { queries } from './peers/queries.js';
import { areInstalled } from './peers/servers.js';
import { starts } from './peers/starts.js';

export const description =
  'the gateway beside Mercurius, Yoga and Apollo Server  [--quick] [--only queries|starts] [--chart FILE] [--profile DIR]';

const SECTIONS = { queries, starts };

/** @param {string[]} args */
export async function run(args) {
  if (!areInstalled())
    return print('Skipped: the other servers are not here. `npm ci --prefix bench/peers` installs them.');
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      chart: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  printMachine();
  const nodeArgs = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
  const groups = [];
  for (const [name, section] of Object.entries(SECTIONS))
    if (values.only === undefined || values.only === name)
      groups.push(...(await section({ quick: values.quick, nodeArgs })));
  if (values.chart)
    await writeFile(values.chart, chartOf('CPU to that of Mercurius: less is better', groups));
}

import { parseArgs } from 'node:util';
import { print } from './harness/report.js';
import { soak } from './soak/soak.js';

export const description =
  'mixed traffic for minutes, embedded and over services that fail: memory, descriptors, latency  [--minutes N] [--rate N] [--only embedded|remote]';

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '5' },
      rate: { type: 'string', default: '25' },
      only: { type: 'string', default: 'embedded,remote' },
    },
  });
  const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
  if (!(minutes > 0 && rate > 0)) throw new Error('--minutes and --rate are numbers above 0.');
  await soak({ minutes, rate, ways: values.only.split(',') });
  print('');
}

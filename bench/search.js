// npm run bench -- search: how long a visual search takes and how much memory it needs, as a collection grows.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { print, printTable } from './harness/report.js';
import { INDEX_COLUMNS, measureIndex } from './search/index-alone.js';
import { realPictures } from './search/made-up.js';
import { HTTP_COLUMNS, measureOverHttp } from './search/over-http.js';

export const description =
  'latency and memory of the visual search, as a collection grows  [--sizes N,N] [--only index,http]';

/** @param {string[]} args --sizes: pictures in the collection, kept in .cache; a million take 3 GB of disk and 2 GB of memory */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      sizes: { type: 'string', default: '100000,1000000' },
      only: { type: 'string', default: 'index,http' },
    },
  });
  const sizes = values.sizes.split(',').map(Number);
  const load = () => loadavg()[0].toFixed(1);
  print(
    `Node ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model}, load ${load()} at the start`,
  );
  const pictures = await realPictures();
  if (values.only.includes('index')) {
    const rows = [];
    for (const size of sizes) rows.push(await measureIndex(size, pictures));
    printTable(`The index alone, load ${load()}`, INDEX_COLUMNS, rows);
  }
  if (values.only.includes('http')) {
    const rows = [];
    for (const size of sizes) rows.push(await measureOverHttp(size, pictures));
    printTable(`Over HTTP, load ${load()}`, HTTP_COLUMNS, rows);
  }
}

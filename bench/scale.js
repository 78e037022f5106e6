import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { print } from './harness/report.js';
import { feed } from './scale/feed.js';
import { fill } from './scale/fill.js';
import { makePair } from './scale/pair.js';
import { search } from './scale/search.js';
import { loadHarness, startFileStore, startPostgres } from './scale/servers.js';
import { stores } from './scale/stores.js';

export const description =
  'gateways on PostgreSQL + S3 beside one on SQLite + files  [--rows N,N] [--only store,fill,search,feed] [--quick]';

/** Those that are run for each number of rows, in this order. */
const SECTIONS = { fill, search, feed };
const NAMES = ['store', ...Object.keys(SECTIONS)];

/**
 * What the sections run on.
 *
 * @typedef {object} Servers
 * @property {object} harness what starts them
 * @property {object} postgres
 * @property {object | null} swift null where it is missing
 * @property {import('./harness/server.js').ServerProcess & { blobsUrl(): string }} fileStore
 */

/** @param {string[]} args */
export async function run(args) {
  const { sizes, names, quick } = readArgs(args);
  const harness = await loadHarness();
  if (harness.postgresMissing) return print(harness.postgresMissing);
  print(
    `Node ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)} at the start`,
  );
  const postgres = await startPostgres(harness);
  const fileStore = await startFileStore();
  try {
    if (names.includes('store')) await runStores({ quick, servers: { harness, postgres, fileStore } });
    for (const size of sizes)
      await runSections(size, names, { quick, servers: { harness, postgres, fileStore } });
  } finally {
    await fileStore.stop();
    await postgres.stop();
  }
  print(`\nLoad ${loadavg()[0]?.toFixed(1)} at the end`);
}

function readArgs(args) {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: 'string', default: '1000000,10000000' },
      only: { type: 'string', default: NAMES.join() },
      quick: { type: 'boolean', default: false },
    },
  });
  const names = values.only.split(',');
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`There is no section ${unknown}, only: ${NAMES.join()}.`);
  const sizes = names.some((name) => name in SECTIONS) ? values.rows.split(',').map(Number) : [];
  if (sizes.some((size) => !(Number.isInteger(size) && size >= 1000)))
    throw new Error('--rows are whole numbers of 1000 at least.');
  return { sizes, names, quick: values.quick };
}

/** Swift runs only meanwhile: it takes 300 MB. */
async function runStores({ quick, servers }) {
  const { harness } = servers;
  if (!harness.hasSwift) print(`Without Swift: ${harness.NO_SWIFT}`);
  const swift = harness.hasSwift ? await harness.Swift.start() : null;
  try {
    await stores({ quick, servers: { ...servers, swift } });
  } finally {
    await swift?.[Symbol.asyncDispose]();
  }
}

async function runSections(size, names, { quick, servers }) {
  const pair = await makePair(size, servers);
  try {
    for (const [name, section] of Object.entries(SECTIONS))
      if (names.includes(name)) await section(pair, { quick });
  } finally {
    await pair.remove();
  }
}

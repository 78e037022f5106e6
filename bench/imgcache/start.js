import { request } from 'undici';
import { cpuMs, residentBytes } from '../harness/process-figures.js';
import { medianOf, percentile, printTable, verdict } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';

const GOAL_MS = 3000;

/**
 * How long it takes from the start of the process to its first answers.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function start({ quick, nodeArgs }) {
  const rounds = quick ? 2 : 7;
  const [cold, warm] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const dataDir = makeFolder();
    cold.push(await startOnce(dataDir, nodeArgs));
    warm.push(await startOnce(dataDir, nodeArgs));
    removeFolder(dataDir);
  }
  printTable(
    `From the start of the process to its first answers, ${rounds} times; goal: ${GOAL_MS} ms at most`,
    ['data folder', 'ready ms', '/health ms', 'query ms', 'CPU ms', 'RSS MB', 'goal'],
    [rowOf('new', cold), rowOf('used before', warm)],
  );
}

function rowOf(name, figures) {
  const column = (key) => figures.map((each) => each[key]);
  const cells = ['ready', 'health', 'query', 'cpu', 'rss'].map((key) => medianOf(column(key)));
  return [name, ...cells, verdict(percentile(column('query'), 50) <= GOAL_MS)];
}

async function startOnce(dataDir, nodeArgs) {
  const begin = performance.now();
  const gateway = await startGateway({ dataDir, nodeArgs });
  try {
    const ready = performance.now() - begin;
    await (await request(`${gateway.url}/health`)).body.dump();
    const health = performance.now() - begin;
    const { statusCode, body } = await request(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ services { name status } }"}',
    });
    await body.dump();
    if (statusCode !== 200) throw new Error(`The first query was answered with ${statusCode}.`);
    const query = performance.now() - begin;
    return { ready, health, query, cpu: cpuMs(gateway.pid), rss: residentBytes(gateway.pid).now / 1e6 };
  } finally {
    await gateway.stop();
  }
}

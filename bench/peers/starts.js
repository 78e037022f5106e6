import { request } from 'undici';
import { cpuMs, residentBytes } from '../harness/process-figures.js';
import { medianOf, percentile, printTable, verdict } from '../harness/report.js';
import { startsOf } from './servers.js';

const GOAL = 1.2;

/**
 * What it takes from the start of a process to its first response to a query, the gateway with both of its services and
 * its database beside servers that have neither.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 * @returns {Promise<import('./chart.js').Group[]>} the CPU of each server to that of Mercurius
 */
export async function starts({ quick, nodeArgs }) {
  const rounds = quick ? 2 : 9;
  const { starts, dispose } = startsOf(nodeArgs);
  const figures = Object.fromEntries(starts.map(({ name }) => [name, []]));
  try {
    // The first start of each reads its files from the disk, and makes the data folder.
    for (const { start } of starts) await startOnce(start);
    for (let round = 0; round < rounds; round++)
      for (const { name, start } of starts) figures[name].push(await startOnce(start));
  } finally {
    dispose();
  }
  const ratios = (name) => figures[name].map(({ cpu }, round) => cpu / figures.Mercurius[round].cpu);
  printTable(
    `From the start of the process to the first response to a query, ${rounds} rounds`,
    ['server', 'ms', 'CPU ms', 'RSS MB', 'CPU to Mercurius', 'goal', ''],
    Object.entries(figures).map(([name, each]) => [
      name,
      ...['ms', 'cpu', 'rss'].map((key) => medianOf(each.map((figure) => figure[key]))),
      medianOf(ratios(name)),
      ...(name === 'Lookalike' ? [String(GOAL), verdict(percentile(ratios(name), 50) <= GOAL)] : ['', '']),
    ]),
  );
  const bars = Object.keys(figures).map((name) => ({ name, value: percentile(ratios(name), 50) }));
  return [{ name: 'start to the first response', bars }];
}

async function startOnce(start) {
  const begin = performance.now();
  const server = await start();
  try {
    const { statusCode, body } = await request(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    });
    await body.dump();
    if (statusCode !== 200) throw new Error(`The first query was answered with ${statusCode}.`);
    const ms = performance.now() - begin;
    return { ms, cpu: cpuMs(server.pid), rss: residentBytes(server.pid).now / 1e6 };
  } finally {
    await server.stop();
  }
}

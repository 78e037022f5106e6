import { isDeepStrictEqual } from 'node:util';
import { pages } from '../graph/canned-entries.js';
import { dataOf, graphqlRequest, inTurns } from '../graph/measure.js';
import { comparable, WORKLOADS } from '../graph/workloads.js';
import { openConnections } from '../harness/load.js';
import { medianOf, percentile, printTable, verdict } from '../harness/report.js';
import { SERVERS, startBeside } from './servers.js';

const GOALS = { 'one entry': 1, '20 entries with similar': 1.1, 'the same, each list once': 1.1 };

/**
 * The CPU of the gateway for each request beside that of other GraphQL servers over the same canned imgcache.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 * @returns {Promise<import('./chart.js').Group[]>} of each workload, the CPU of each server to that of Mercurius
 */
export async function queries({ quick, nodeArgs }) {
  const timing = quick ? { rounds: 2, seconds: 1 } : { rounds: 5, seconds: 2, warmUpSeconds: 4 };
  const imgcache = await startBeside('../graph/canned-services.js');
  const servers = [];
  try {
    for (const [name, start] of Object.entries(SERVERS))
      servers.push({ name, ...(await start(imgcache.url, nodeArgs)) });
    const results = [];
    for (const workload of WORKLOADS)
      results.push({ name: workload.name, figures: await compare(workload, servers, timing) });
    report(results, timing);
    return results.map(({ name, figures }) => ({ name, bars: barsOf(figures) }));
  } finally {
    await Promise.all([...servers, imgcache].map((server) => server.stop()));
  }
}

/** @returns of each server, by its name, figures of each round */
async function compare(workload, servers, timing) {
  const { query, variables, clients, differently } = workload;
  const asked = servers.map(({ name, url, pid }) => {
    const connections = openConnections(url, clients);
    return {
      name,
      pid,
      connections,
      ask: (page) => connections.send(graphqlRequest(query(), variables(page))),
    };
  });
  try {
    await checkEqual(workload, asked);
    const ways = asked.map(({ pid, ask }) => {
      const vary = differently?.() ?? ((page) => page);
      return { pid, clients, pages: pages.map((page) => () => ask(vary(page))) };
    });
    const figures = await inTurns(ways, timing);
    return Object.fromEntries(asked.map(({ name }, i) => [name, figures[i]]));
  } finally {
    await Promise.all(asked.map(({ connections }) => connections.close()));
  }
}

async function checkEqual({ name: workload }, asked) {
  for (const page of pages) {
    const [first, ...others] = await Promise.all(
      asked.map(async ({ ask }) => comparable(dataOf(await ask(page)))),
    );
    const other = others.findIndex((data) => !isDeepStrictEqual(data, first));
    if (other !== -1) throw new Error(`${asked[0].name} and ${asked[other + 1].name} differ in ${workload}.`);
  }
}

function report(results, { rounds, seconds }) {
  const [gateway, ...others] = Object.keys(SERVERS);
  printTable(
    `Queries over a canned remote imgcache, ${rounds} rounds of ${seconds} s; CPU of the server for each request, and that of ${gateway} to that of the others`,
    ['what', 'per second', 'CPU ms', ...others.map((name) => `to ${name}`), 'goal to Mercurius', ''],
    results.map(({ name, figures }) => {
      const goal = GOALS[name];
      const isMet = percentile(ratios(figures, gateway, 'Mercurius'), 50) <= goal;
      return [
        name,
        medianOf(figures[gateway].map(({ perSecond }) => perSecond)),
        medianOf(figures[gateway].map(({ cpuMs }) => cpuMs)),
        ...others.map((other) => medianOf(ratios(figures, gateway, other))),
        ...(goal === undefined ? ['', ''] : [String(goal), verdict(isMet)]),
      ];
    }),
  );
}

/** Of the CPU, in each round. */
function ratios(figures, name, base) {
  return figures[name].map(({ cpuMs }, round) => cpuMs / figures[base][round].cpuMs);
}

function barsOf(figures) {
  return Object.keys(figures).map((name) => ({
    name,
    value: percentile(ratios(figures, name, 'Mercurius'), 50),
  }));
}

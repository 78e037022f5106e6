import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { openConnections } from '../harness/load.js';
import { medianOf, percentile, printTable, verdict } from '../harness/report.js';
import { startGateway, startServer } from '../harness/server.js';
import { pages } from './canned-entries.js';
import { dataOf, graphqlRequest, inTurns } from './measure.js';
import { comparable, WORKLOADS } from './workloads.js';

/**
 * CPU and speed of the gateway over one canned remote imgcache, beside a bare proxy and an aggregator written by hand.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function peers({ quick, nodeArgs }) {
  const timing = quick ? { rounds: 2, seconds: 1 } : { rounds: 5, seconds: 3 };
  const start = (file, ...args) =>
    startServer([fileURLToPath(new URL(file, import.meta.url)), ...args], /ready: (\S+)/);
  const imgcache = await start('canned-services.js');
  const servers = {
    proxy: await start('proxy.js', imgcache.url),
    aggregator: await start('aggregator.js', imgcache.url),
    bare: await start('bare-graphql.js', imgcache.url),
    gateway: await startGateway({ env: { IMGCACHE_URL: imgcache.url }, nodeArgs }),
  };
  const lines = [];
  try {
    for (const workload of WORKLOADS) lines.push(await compare(workload, servers, timing));
  } finally {
    await Promise.all([...Object.values(servers), imgcache].map((server) => server.stop()));
  }
  printTable(
    `The graph over a canned remote imgcache, ${timing.rounds} rounds of ${timing.seconds} s; CPU of the server for each request`,
    [
      'what',
      'beside',
      'per second',
      'to base',
      'p95 ms',
      'CPU ms',
      'CPU ms of base',
      'CPU to base',
      'goal',
      '',
      'to bare GraphQL',
      'parsing to base',
    ],
    lines,
  );
}

async function compare(workload, servers, timing) {
  const { name, base, clients, goal, rest, query, variables, content, lists, differently } = workload;
  const gatewayConnections = openConnections(servers.gateway.url, clients);
  const baseConnections = openConnections(servers[base].url, clients);
  const bareConnections = openConnections(servers.bare.url, clients);
  const askBase = (page) => baseConnections.send({ method: 'GET', path: rest(page) });
  const ask = (connections) => (page) => connections.send(graphqlRequest(query(), variables(page)));
  const [askGateway, askBare] = [ask(gatewayConnections), ask(bareConnections)];
  try {
    for (const page of pages) {
      const plain = comparable(JSON.parse(await askBase(page)));
      for (const askGraph of [askGateway, askBare])
        if (!isDeepStrictEqual(comparable(content(dataOf(await askGraph(page)))), plain))
          throw new Error(`The graph and the ${base} differ in ${name}.`);
    }
    const way = ({ pid }, askFor) => {
      const vary = differently?.() ?? ((page) => page);
      return { pid, clients, pages: pages.map((page) => () => askFor(vary(page))) };
    };
    const [bases, figures, bares, parsing] = await inTurns(
      [
        way(servers[base], askBase),
        way(servers.gateway, askGateway),
        way(servers.bare, askBare),
        ...(lists ? [parsingAlone(lists)] : []),
      ],
      timing,
    );
    const ratios = (key, others = bases, own = figures) =>
      own.map((each, round) => each[key] / others[round][key]);
    return [
      name,
      base,
      medianOf(figures.map(({ perSecond }) => perSecond)),
      medianOf(ratios('perSecond')),
      medianOf(figures.map(({ p95 }) => p95)),
      medianOf(figures.map(({ cpuMs }) => cpuMs)),
      medianOf(bases.map(({ cpuMs }) => cpuMs)),
      medianOf(ratios('cpuMs')),
      String(goal),
      verdict(percentile(ratios('cpuMs'), 50) <= goal),
      medianOf(ratios('cpuMs', bares)),
      parsing ? medianOf(ratios('cpuMs', bases, parsing)) : '',
    ];
  } finally {
    await Promise.all([gatewayConnections, baseConnections, bareConnections].map((each) => each.close()));
  }
}

/** What no server can do without: JSON.parse of the lists of each page, in this process, with the garbage that it makes. */
function parsingAlone(lists) {
  const bodies = pages.map((page) => lists(page).map((rows) => Buffer.from(JSON.stringify(rows))));
  const parse = async (page) => {
    for (const body of page) JSON.parse(body.toString());
    // What the connections hear meanwhile must not wait for the end of a round.
    await nextTurn();
  };
  return { pid: process.pid, clients: 1, pages: bodies.map((page) => () => parse(page)) };
}

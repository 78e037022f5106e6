import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { openConnections } from '../harness/load.js';
import { medianOf, percentile, printTable, verdict } from '../harness/report.js';
import { startGateway, startServer } from '../harness/server.js';
import { pages } from './canned-entries.js';
import { dataOf, graphqlRequest, inTurns } from './measure.js';

const ENTRY =
  'contentHash url contentType fileSizeBytes originalFilename width height perceptualHash clientName lookupTime createdAt';

const PAGE = {
  name: 'a page of 50',
  base: 'proxy',
  clients: 32,
  goal: 5.2,
  rest: ({ word }) => `/images/search?url_contains=${word}`,
  query: () =>
    `query ($word: String!) { entries(first: 50, filter: { urlContains: $word }) { nodes { ${ENTRY} } } }`,
  variables: ({ word }) => ({ word }),
  content: ({ entries }) => entries.nodes,
};

const SIMILAR = {
  name: '20 entries with similar',
  base: 'aggregator',
  clients: 8,
  goal: 1.1,
  rest: ({ fewWord, within = 4 }) => `/similar?urlContains=${fewWord}&within=${within}`,
  query:
    () => `query ($word: String!, $within: Int!) { entries(first: 20, filter: { urlContains: $word }) { nodes {
    ${ENTRY} similar(first: 20, maxHammingDistance: $within) {
      entry { contentHash url width height } hammingDistance
    }
  } } }`,
  variables: ({ fewWord, within = 4 }) => ({ word: fewWord, within }),
  content: ({ entries }) => entries.nodes,
};

/**
 * What the graph is compared with: the same content from a server without GraphQL, and from the least that speaks it. The
 * goals are what a tuned Yoga reached on another machine; Mercurius stood there at 2.1, 4.7, 2.0 and 1.0.
 */
const WORKLOADS = [
  {
    name: 'one entry',
    base: 'proxy',
    clients: 32,
    goal: 4.3,
    rest: ({ rows }) => `/images/meta/${rows[0].content_hash}`,
    query: () => `query ($h: ContentHash!) { entry(contentHash: $h) { ${ENTRY} } }`,
    variables: ({ rows }) => ({ h: rows[0].content_hash }),
    content: ({ entry }) => entry,
  },
  PAGE,
  {
    ...PAGE,
    name: 'the same, with directives',
    query: () => `query ($word: String!, $no: Boolean!, $all: Boolean!) {
    entries(first: 50, filter: { urlContains: $word }) @skip(if: $no) { nodes { ...F @include(if: $all) id @include(if: $no) } }
  } fragment F on Entry { ${ENTRY} }`,
    variables: ({ word }) => ({ word, all: true, no: false }),
  },
  {
    name: '20 aliases, 10 different',
    base: 'aggregator',
    clients: 32,
    goal: 1.9,
    rest: (page) => `/entries?${new URLSearchParams(twentyHashes(page).map((hash) => ['hash', hash]))}`,
    query: () => {
      const names = Array.from({ length: 20 }, (_, i) => `h${i}`);
      const aliases = names.map((name) => `${name}: entry(contentHash: $${name}) { ${ENTRY} }`);
      return `query (${names.map((name) => `$${name}: ContentHash!`)}) { ${aliases.join(' ')} }`;
    },
    variables: (page) => Object.fromEntries(twentyHashes(page).map((hash, i) => [`h${i}`, hash])),
    content: (data) => Object.values(data),
  },
  SIMILAR,
  { ...SIMILAR, name: 'the same, each list once', differently },
];

/** @returns what asks for other lists, of the same items, at each of 60 turns of the pages: more than are kept */
function differently() {
  let asked = 0;
  return (page) => ({ ...page, within: 5 + (Math.floor(asked++ / pages.length) % 60) });
}

function twentyHashes({ rows }) {
  const ten = rows.slice(0, 10).map(({ content_hash }) => content_hash);
  return [...ten, ...ten];
}

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
    ],
    lines,
  );
}

async function compare(workload, servers, timing) {
  const { name, base, clients, goal, rest, query, variables, content, differently } = workload;
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
    const [bases, figures, bares] = await inTurns(
      [way(servers[base], askBase), way(servers.gateway, askGateway), way(servers.bare, askBare)],
      timing,
    );
    const ratios = (key, others = bases) => figures.map((each, round) => each[key] / others[round][key]);
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
    ];
  } finally {
    await Promise.all([gatewayConnections, baseConnections, bareConnections].map((each) => each.close()));
  }
}

/** The names of imgcache as those of the graph, and its times, which have no zone, as what they mean. */
function comparable(value) {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const name = key.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
      if (name !== 'lookupTime' && name !== 'createdAt') return [name, comparable(each)];
      return [name, Date.parse(each.endsWith('Z') ? each : `${each}Z`)];
    }),
  );
}

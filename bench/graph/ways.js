import { createHash } from 'node:crypto';
import { encode } from '../../dist/http/content-coding.js';
import { contentHashOf, fillEntries } from '../harness/entries.js';
import { openConnections } from '../harness/load.js';
import { medianOf, printTable } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { random, syntheticHashes } from '../harness/synthetic-hashes.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';
import { graphqlRequest, inTurns } from './measure.js';

const ENTRIES = 10_000;
const CLIENTS = 16;
const DIFFERENT = 64;
const BATCH = 10;

const FIELDS =
  'contentHash url contentType fileSizeBytes originalFilename width height perceptualHash clientName lookupTime createdAt fileUrl';

/** @typedef {{ query: string, variables: object }} Operation */

const ONE = {
  name: 'one entry',
  query: `query One($h: ContentHash!) { entry(contentHash: $h) { ${FIELDS} } }`,
  variables: (index) => ({ h: contentHashOf(index) }),
};

const PAGE = {
  name: 'a page of 100',
  query: `query Page($after: String) { entries(first: 100, after: $after) { nodes { ${FIELDS} } pageInfo { endCursor } } }`,
  variables: () => ({}),
};

const json = { 'content-type': 'application/json' };

/** @param {Operation} operation */
function extensionsOf({ query }) {
  return {
    persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') },
  };
}

/** @param {object} params */
function addressOf(params) {
  const texts = Object.entries(params).map(([name, value]) => [name, JSON.stringify(value)]);
  return `/graphql?${new URLSearchParams(texts)}`;
}

/** The ways to ask for operations: what is sent for one, or for several together. */
const WAYS = {
  'plain POST': ({ query, variables }) => graphqlRequest(query, variables),
  'its hash': ({ variables, ...operation }) => ({
    ...graphqlRequest(undefined),
    body: JSON.stringify({ variables, extensions: extensionsOf(operation) }),
  }),
  'GET of its hash': ({ variables, ...operation }) => ({
    method: 'GET',
    path: addressOf({ variables, extensions: extensionsOf(operation) }),
    headers: { accept: 'application/json' },
  }),
  gzip: (operation) => withHeaders(WAYS['plain POST'](operation), { 'accept-encoding': 'gzip' }),
  brotli: (operation) => withHeaders(WAYS['plain POST'](operation), { 'accept-encoding': 'br' }),
};

/** @param {import('undici').Dispatcher.DispatchOptions} request */
function withHeaders(request, headers) {
  return { ...request, headers: { ...request.headers, ...headers } };
}

/**
 * The same operations by plain POST and by what makes them lighter: persisted queries, GET with ETags, compression, batches.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function ways({ quick, nodeArgs }) {
  const timing = quick ? { rounds: 2, seconds: 1 } : { rounds: 5, seconds: 3 };
  const dataDir = makeFolder();
  await fillEntries(dataDir, syntheticHashes(ENTRIES, random(7)));
  const gateway = await startGateway({ dataDir, nodeArgs });
  const lines = [];
  try {
    for (const workload of [ONE, PAGE]) lines.push(...(await compare(workload, gateway, timing)));
  } finally {
    await gateway.stop();
    removeFolder(dataDir);
  }
  printTable(
    `The ways to ask for an operation, ${CLIENTS} clients, ${timing.rounds} rounds of ${timing.seconds} s; CPU of the gateway for each operation`,
    ['what', 'by', 'bytes', 'per second', 'p95 ms', 'CPU ms', 'speed to plain', 'CPU to plain'],
    lines,
  );
}

async function compare({ name, query, variables }, gateway, timing) {
  const connections = openConnections(gateway.url, CLIENTS);
  const operations = Array.from({ length: DIFFERENT }, (_, index) => ({
    query,
    variables: variables(index),
  }));
  try {
    await register(gateway.url, query);
    const requests = {
      ...Object.fromEntries(Object.entries(WAYS).map(([way, requestOf]) => [way, operations.map(requestOf)])),
      'GET, not modified': await Promise.all(operations.map((each) => revalidation(gateway.url, each))),
      [`batches of ${BATCH}`]: operations.map((_, index) => batch(operations, index)),
    };
    const asked = Object.entries(requests).map(([way, each]) => ({
      way,
      perRequest: way.startsWith('batches') ? BATCH : 1,
      requests: each,
    }));
    const body = Buffer.from(await connections.send(requests['plain POST'][0]));
    const measured = asked.map(({ requests }) => ({
      pid: gateway.pid,
      clients: CLIENTS,
      pages: requests.map((request) => () => connections.send(request)),
    }));
    const results = await inTurns([...measured, ...Object.values(CODINGS).map(codingAlone(body))], timing);
    const bytes = await Promise.all([
      ...asked.map(({ requests: [request] }) => bytesOf(gateway.url, request)),
      ...Object.values(CODINGS).map(async (coding) => (await encode(body, coding)).length),
    ]);
    const alone = Object.keys(CODINGS).map((way) => ({ way, perRequest: 1 }));
    return [...asked, ...alone].map((each, index) =>
      line(name, each, { bytes: bytes[index], results, index }),
    );
  } finally {
    await connections.close();
  }
}

/**
 * The limit of a compressed response: its coding in this process, without a request. Added to the plain way, it is the least
 * that a server can take.
 */
const CODINGS = { 'gzip alone': 'gzip', 'brotli alone': 'br' };

function codingAlone(body) {
  return (coding) => ({ pid: process.pid, clients: CLIENTS, pages: [() => encode(body, coding)] });
}

function line(name, { way, perRequest }, { bytes, results, index }) {
  const figures = results[index].map(({ perSecond, p95, cpuMs }) => ({
    perSecond: perSecond * perRequest,
    p95,
    cpuMs: cpuMs / perRequest,
  }));
  const ratios = (key) => figures.map((figure, round) => figure[key] / results[0][round][key]);
  return [
    name,
    way,
    String(Math.round(bytes / perRequest)),
    medianOf(figures.map(({ perSecond }) => perSecond)),
    medianOf(figures.map(({ p95 }) => p95)),
    medianOf(figures.map(({ cpuMs }) => cpuMs)),
    medianOf(ratios('perSecond')),
    medianOf(ratios('cpuMs')),
  ];
}

function batch(operations, index) {
  const some = Array.from({ length: BATCH }, (_, i) => operations[(index + i) % operations.length]);
  return { ...graphqlRequest(undefined), body: JSON.stringify(some) };
}

/** Gives the gateway the text of a query together with its hash. */
async function register(url, query) {
  const body = JSON.stringify({ query, extensions: extensionsOf({ query }) });
  await fetch(`${url}/graphql`, { method: 'POST', headers: json, body });
}

async function revalidation(url, operation) {
  const request = WAYS['GET of its hash'](operation);
  const response = await fetch(`${url}${request.path}`, { headers: request.headers });
  await response.arrayBuffer();
  return withHeaders(request, { 'if-none-match': response.headers.get('etag') });
}

/** The length of a response as it is sent. */
async function bytesOf(url, { method, path, headers, body }) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'accept-encoding': 'identity', ...headers },
    body,
  });
  await response.arrayBuffer();
  return Number(response.headers.get('content-length') ?? 0);
}

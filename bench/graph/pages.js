import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { contentHashOf, fillEntries } from '../harness/entries.js';
import { openConnections } from '../harness/load.js';
import { medianOf, printTable } from '../harness/report.js';
import { startGateway, startServer } from '../harness/server.js';
import { random, syntheticHashes } from '../harness/synthetic-hashes.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';
import { pages as cannedPages } from './canned-entries.js';
import { dataOf, graphqlRequest, inTurns } from './measure.js';

const ENTRIES = 10_000;
const PAGE_SIZE = 50;
const PAGES = 64;
const CLIENTS = 4;
const REST_CONNECTIONS = 32;
const FIRST_SIMILAR = 5;

const PAGE = `query ($hashes: [ContentHash!]!) { entriesByContentHash(contentHashes: $hashes) {
  contentHash url contentType fileSizeBytes width height createdAt
  similar(first: ${FIRST_SIMILAR}) { hammingDistance entry { contentHash url } }
} }`;

/**
 * Pages of 50 entries with their look-alikes, by one request to the graph and by a hundred to the REST paths of the
 * same gateway: 50 for the entries, and 50 for what is similar to each.
 *
 * @param {import('../graph.js').BenchOptions} options
 */
export async function pages({ quick, nodeArgs }) {
  const timing = quick ? { rounds: 2, seconds: 1 } : { rounds: 5, seconds: 3 };
  const lines = [...(await embedded(nodeArgs, timing)), ...(await remote(nodeArgs, timing))];
  printTable(
    `Pages of ${PAGE_SIZE} entries with their look-alikes, ${CLIENTS} clients, ${timing.rounds} rounds of ${timing.seconds} s; CPU of the gateway for each page`,
    ['imgcache', 'by', 'per second', 'p95 ms', 'CPU ms', 'speed to REST', 'CPU to REST'],
    lines,
  );
}

async function embedded(nodeArgs, timing) {
  const dataDir = makeFolder();
  const next = random(7);
  await fillEntries(dataDir, syntheticHashes(ENTRIES, next));
  const someEntry = () => contentHashOf(Math.floor(next() * ENTRIES));
  const hashes = Array.from({ length: PAGES }, () => Array.from({ length: PAGE_SIZE }, someEntry));
  const gateway = await startGateway({ dataDir, nodeArgs });
  try {
    return await compare('embedded', gateway, hashes, timing);
  } finally {
    await gateway.stop();
    removeFolder(dataDir);
  }
}

async function remote(nodeArgs, timing) {
  const file = fileURLToPath(new URL('canned-services.js', import.meta.url));
  const imgcache = await startServer([file], /ready: (\S+)/);
  const hashes = cannedPages.map(({ rows }) => rows.map((row) => row.content_hash));
  const gateway = await startGateway({ env: { IMGCACHE_URL: imgcache.url }, nodeArgs });
  try {
    return await compare('remote', gateway, hashes, timing);
  } finally {
    await gateway.stop();
    await imgcache.stop();
  }
}

/** @param {readonly (readonly string[])[]} hashes of each page */
async function compare(name, { url, pid }, hashes, timing) {
  const connections = openConnections(url, REST_CONNECTIONS);
  const byGraph = async (page) => dataOf(await connections.send(graphqlRequest(PAGE, { hashes: page })));
  const get = async (path) => JSON.parse(await connections.send({ method: 'GET', path: `/imgcache${path}` }));
  const byRest = (page) => Promise.all(page.map((hash) => entryByRest(hash, get)));
  try {
    for (const page of hashes.slice(0, 8)) {
      const graph = (await byGraph(page)).entriesByContentHash.map(({ contentHash, similar }) => [
        contentHash,
        ...similar.map(({ entry }) => entry.contentHash),
      ]);
      const rest = (await byRest(page)).map((rows) => rows.map((row) => row.content_hash));
      if (!isDeepStrictEqual(graph, rest)) throw new Error('The graph and the REST paths differ.');
    }
    const ways = [byRest, byGraph].map((way) => ({
      pid,
      clients: CLIENTS,
      pages: hashes.map((page) => () => way(page)),
    }));
    const [rest, graph] = await inTurns(ways, timing);
    return [lineOf(name, 'REST', rest, rest), lineOf(name, 'GraphQL', graph, rest)];
  } finally {
    await connections.close();
  }
}

/** The entry, and behind it those that look like it. */
async function entryByRest(contentHash, get) {
  const entry = await get(`/images/meta/${contentHash}`);
  const similar = await get(
    `/images/similar?perceptual_hash=${entry.perceptual_hash}&max_hamming_distance=4`,
  );
  return [entry, ...similar.filter((row) => row.content_hash !== contentHash).slice(0, FIRST_SIMILAR)];
}

function lineOf(name, way, figures, base) {
  const ratios = (key) => medianOf(figures.map((each, round) => each[key] / base[round][key]));
  return [
    name,
    way,
    ...['perSecond', 'p95', 'cpuMs'].map((key) => medianOf(figures.map((each) => each[key]))),
    ratios('perSecond'),
    ratios('cpuMs'),
  ];
}

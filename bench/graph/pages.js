import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { formatAuthorization } from '../../dist/services/visualsnoop-signature.js';
import { contentHashOf, fillEntries } from '../harness/entries.js';
import { fillCollection } from '../harness/images.js';
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
const WIDE_DISTANCE = 10;

/** As the canned VisualSnoop names it, which does not look at keys. */
const COLLECTION = { collectionId: 'bench', publicKey: 'public', secretKey: 'secret' };

/**
 * What is read of each entry of a page: by one request to the graph for the whole page, and from the REST paths of the
 * same gateway by requests for each entry.
 *
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} selection of an entry in the graph
 * @property {(entry: object) => readonly string[]} ofGraph what the answers are compared by
 * @property {(contentHash: string, rest: RestPaths) => Promise<readonly string[]>} byRest the same
 */

/** @type {Workload} */
const LOOK_ALIKES = lookAlikesWithin(4);

/** @type {Workload} */
const COPIES = {
  name: 'their copies in a collection',
  selection: 'collectionImages { imageId imageTime collection { collectionId } }',
  ofGraph: ({ collectionImages }) => collectionImages.map(placeOfImage),
  // Nobody can ask for several images at once: a client asks each collection for the image of each entry.
  byRest: async (contentHash, rest) => {
    const image = await rest.image(contentHash);
    return [`${image.collection_id} ${image.image_id}`];
  },
};

/** @type {Workload} */
const BOTH = {
  name: 'look-alikes with their copies',
  selection: `similar(first: ${FIRST_SIMILAR}) { entry { contentHash url collectionImages { imageId collection { collectionId } } } }`,
  ofGraph: ({ similar }) =>
    similar.flatMap(({ entry }) => [entry.contentHash, ...entry.collectionImages.map(placeOfImage)]),
  byRest: async (contentHash, rest, entry) => {
    const hashes = await LOOK_ALIKES.byRest(contentHash, rest, entry);
    const copies = await Promise.all(hashes.map((hash) => COPIES.byRest(hash, rest)));
    return hashes.flatMap((hash, i) => [hash, ...copies[i]]);
  },
};

/** @returns {Workload} */
function lookAlikesWithin(distance) {
  return {
    name: `look-alikes within ${distance} bits`,
    selection: `similar(first: ${FIRST_SIMILAR}, maxHammingDistance: ${distance}) { hammingDistance entry { contentHash url } }`,
    ofGraph: ({ similar }) => similar.map(({ entry }) => entry.contentHash),
    byRest: async (contentHash, rest, { perceptual_hash: hash }) => {
      const found = await rest.similar(hash, distance);
      const others = found.map((row) => row.content_hash).filter((other) => other !== contentHash);
      return others.slice(0, FIRST_SIMILAR);
    },
  };
}

function placeOfImage({ imageId, collection }) {
  return `${collection.collectionId} ${imageId}`;
}

/**
 * Pages of 50 entries with what belongs to each, by one request to the graph and by requests for each entry to the REST
 * paths of the same gateway.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function pages({ quick, nodeArgs }) {
  const timing = quick ? { rounds: 2, seconds: 1 } : { rounds: 5, seconds: 3 };
  const lines = [...(await embedded(nodeArgs, timing)), ...(await remote(nodeArgs, timing))];
  printTable(
    `Pages of ${PAGE_SIZE} entries with nested lists, ${CLIENTS} clients, ${timing.rounds} rounds of ${timing.seconds} s; CPU of the gateway for each page`,
    ['services', 'with', 'by', 'per second', 'p95 ms', 'CPU ms', 'speed to REST', 'CPU to REST'],
    lines,
  );
}

async function embedded(nodeArgs, timing) {
  const dataDir = makeFolder();
  const next = random(7);
  await fillEntries(dataDir, syntheticHashes(ENTRIES, next));
  await fillCollection(
    dataDir,
    COLLECTION,
    Array.from({ length: ENTRIES }, (_, i) => contentHashOf(i)),
  );
  const someEntry = () => contentHashOf(Math.floor(next() * ENTRIES));
  const hashes = Array.from({ length: PAGES }, () => Array.from({ length: PAGE_SIZE }, someEntry));
  const gateway = await startGateway({ dataDir, nodeArgs });
  const workloads = [LOOK_ALIKES, lookAlikesWithin(WIDE_DISTANCE), COPIES, BOTH];
  try {
    return await compareAll('embedded', workloads, gateway, hashes, timing);
  } finally {
    await gateway.stop();
    removeFolder(dataDir);
  }
}

async function remote(nodeArgs, timing) {
  const file = fileURLToPath(new URL('canned-services.js', import.meta.url));
  const services = await startServer([file], /ready: (\S+)/);
  const hashes = cannedPages.map(({ rows }) => rows.map((row) => row.content_hash));
  const env = {
    IMGCACHE_URL: services.url,
    VISUALSNOOP_URL: `${services.url}/visualsnoop/api/v1`,
    VISUALSNOOP_KEYS: `${COLLECTION.publicKey}:${COLLECTION.secretKey}`,
  };
  const gateway = await startGateway({ env, nodeArgs });
  try {
    return await compareAll('remote', [LOOK_ALIKES, COPIES], gateway, hashes, timing);
  } finally {
    await gateway.stop();
    await services.stop();
  }
}

/**
 * @param {readonly Workload[]} workloads
 * @param {readonly (readonly string[])[]} hashes of each page
 */
async function compareAll(name, workloads, gateway, hashes, timing) {
  const connections = openConnections(gateway.url, REST_CONNECTIONS);
  const lines = [];
  try {
    for (const workload of workloads)
      lines.push(...(await compare(name, workload, { pid: gateway.pid, connections, hashes }, timing)));
  } finally {
    await connections.close();
  }
  return lines;
}

async function compare(
  name,
  { name: what, selection, ofGraph, byRest },
  { pid, connections, hashes },
  timing,
) {
  const rest = restPaths(connections);
  const query = `query ($hashes: [ContentHash!]!) { entriesByContentHash(contentHashes: $hashes) {
    contentHash url contentType fileSizeBytes width height createdAt ${selection}
  } }`;
  const ways = {
    async REST(page) {
      const one = async (hash) => {
        const entry = await rest.entry(hash);
        return [entry.content_hash, ...(await byRest(hash, rest, entry))];
      };
      return Promise.all(page.map(one));
    },
    async GraphQL(page) {
      const { entriesByContentHash: entries } = dataOf(
        await connections.send(graphqlRequest(query, { hashes: page })),
      );
      return entries.map((entry) => [entry.contentHash, ...ofGraph(entry)]);
    },
  };
  for (const page of hashes.slice(0, 8)) {
    if (!isDeepStrictEqual(await ways.GraphQL(page), await ways.REST(page)))
      throw new Error(`The graph and the REST paths differ in ${what}.`);
  }
  const measured = Object.values(ways).map((way) => ({
    pid,
    clients: CLIENTS,
    pages: hashes.map((page) => () => way(page)),
  }));
  const figures = await inTurns(measured, timing);
  return Object.keys(ways).map((way, i) => [name, what, way, ...ratiosOf(figures[i], figures[0])]);
}

/** @typedef {ReturnType<typeof restPaths>} RestPaths */
function restPaths(connections) {
  const get = async (path, headers) => JSON.parse(await connections.send({ method: 'GET', path, headers }));
  return {
    entry: (contentHash) => get(`/imgcache/images/meta/${contentHash}`),
    similar: (hash, distance) =>
      get(`/imgcache/images/similar?perceptual_hash=${hash}&max_hamming_distance=${distance}`),
    image: (imageId) => {
      const path = `/visualsnoop/api/v1/image/${imageId}`;
      const date = new Date().toUTCString();
      return get(path, {
        date,
        authorization: formatAuthorization({ method: 'GET', path, date }, COLLECTION),
      });
    },
  };
}

function ratiosOf(figures, base) {
  const ratios = (key) => medianOf(figures.map((each, round) => each[key] / base[round][key]));
  return [
    ...['perSecond', 'p95', 'cpuMs'].map((key) => medianOf(figures.map((each) => each[key]))),
    ratios('perSecond'),
    ratios('cpuMs'),
  ];
}

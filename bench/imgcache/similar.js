import { openEngine } from '../../dist/embedded/engine.js';
import { PackedHashes } from '../../dist/embedded/search/packed-hashes.js';
import { bitCount, hashChunks } from '../../dist/services/hamming-distance.js';
import { fillEntries } from '../harness/entries.js';
import { openConnections } from '../harness/load.js';
import { figure, percentile, printTable, verdict } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { hexOf, near, random, syntheticHashes } from '../harness/synthetic-hashes.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';

const RADII = [4, 10];
const FIRST = 20;
const GOAL_MS = 5;
/** Queries are existing hashes with at most this many bits changed. */
const CHANGED_BITS = 4;
const GRAPHQL_SIZE = 100_000;

const SIMILAR = `query Similar($perceptualHash: PerceptualHash!, $radius: Int!, $first: Int!) {
  similar(to: { perceptualHash: $perceptualHash }, maxHammingDistance: $radius, first: $first) {
    entries { hammingDistance entry { contentHash url width height } }
  }
}`;

/**
 * A way to search.
 *
 * @typedef {object} Way
 * @property {string} name
 * @property {number} share of the queries that it gets
 * @property {(query: bigint, radius: number) => number | Promise<number>} search returns how many it found, up to FIRST
 */

/**
 * How long a search for look-alikes takes in collections of different sizes.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function similar({ quick, nodeArgs }) {
  const sizes = quick ? [1000, 20_000] : [1000, 100_000, 1_000_000];
  const count = quick ? 50 : 500;
  const all = syntheticHashes(sizes.at(-1), random(1));
  const rows = [];
  for (const size of sizes) {
    const hashes = all.subarray(0, size);
    rows.push(...(await searchesAmong(hashes, makeQueries(hashes, count), nodeArgs)));
  }
  printTable(
    `Look-alikes, ${count} queries near existing hashes, the first ${FIRST} entries; goal: p95 of ${GOAL_MS} ms at most among ${figure(sizes.at(-1))} at distance 4`,
    ['way', 'rows', 'distance', 'queries', 'first ms', 'p50 ms', 'p95 ms', 'max ms', 'goal'],
    rows,
  );
}

function makeQueries(hashes, count) {
  const next = random(2);
  return Array.from({ length: count }, () =>
    near(hashes[Math.floor(next() * hashes.length)], Math.floor(next() * (CHANGED_BITS + 1)), next),
  );
}

async function searchesAmong(hashes, queries, nodeArgs) {
  const dataDir = makeFolder();
  try {
    await fillEntries(dataDir, hashes);
    const rows = [];
    const engine = await openEngine({ storage: { kind: 'FOLDER', dataDir }, onError: throwError });
    const ways = [embedded(engine), packed(hashes), naive(hashes)];
    try {
      for (const radius of RADII) rows.push(...(await compare(ways, hashes.length, queries, radius)));
    } finally {
      await engine.close();
    }
    if (hashes.length === GRAPHQL_SIZE)
      rows.push(...(await throughGateway(dataDir, hashes.length, queries, nodeArgs)));
    return rows;
  } finally {
    removeFolder(dataDir);
  }
}

async function throughGateway(dataDir, size, queries, nodeArgs) {
  const gateway = await startGateway({ dataDir, nodeArgs });
  const connections = openConnections(gateway.url, 1);
  try {
    const rows = [];
    for (const radius of RADII) rows.push(...(await compare([graphql(connections)], size, queries, radius)));
    return rows;
  } finally {
    await connections.close();
    await gateway.stop();
  }
}

/**
 * Takes the time of each way, and makes sure that all find the same.
 *
 * @param {readonly Way[]} ways
 */
async function compare(ways, size, queries, radius) {
  const rows = [];
  /** @type {number[]} */
  let expected = [];
  for (const { name, share, search } of ways) {
    const times = [];
    const found = [];
    const timed = async (query) => {
      const start = performance.now();
      found.push(await search(query, radius));
      times.push(performance.now() - start);
    };
    // The first one after the start reads all rows into memory; a few more let the code be compiled.
    for (const query of queries.slice(0, 5)) await timed(query);
    const [first] = times.splice(0);
    found.length = 0;
    for (const query of queries.slice(0, Math.ceil(queries.length * share))) await timed(query);
    if (found.some((number, i) => expected[i] !== undefined && expected[i] !== number))
      throw new Error(`${name} found another number of entries than the others.`);
    if (found.length > expected.length) expected = found;
    rows.push(rowOf({ name, size, radius, first, times }));
  }
  return rows;
}

function rowOf({ name, size, radius, first, times }) {
  const p95 = percentile(times, 95);
  const hasGoal = name === 'engine' && size === 1_000_000 && radius === 4;
  return [
    name,
    String(size),
    String(radius),
    String(times.length),
    figure(first),
    figure(percentile(times, 50)),
    figure(p95),
    figure(Math.max(...times)),
    hasGoal ? verdict(p95 <= GOAL_MS) : '',
  ];
}

/** @returns {Way} */
function embedded({ imgcache }) {
  return {
    name: 'engine',
    share: 1,
    async search(query, maxHammingDistance) {
      let found = 0;
      const matches = imgcache.similar({ perceptualHash: hexOf(query), maxHammingDistance, limit: FIRST });
      for await (const batch of matches) found += batch.length;
      return found;
    },
  };
}

/** @returns {Way} */
function graphql(connections) {
  return {
    name: 'graphql',
    share: 1,
    async search(query, radius) {
      const variables = { perceptualHash: hexOf(query), radius, first: FIRST };
      const answer = await connections.send({
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: SIMILAR, variables }),
      });
      return JSON.parse(answer).data.similar.entries.length;
    },
  };
}

/** @returns {Way} the scan alone, in this thread, without reading any entry */
function packed(hashes) {
  const all = new PackedHashes();
  hashes.forEach((hash, i) => {
    all.add(i + 1, hashChunks(hexOf(hash)));
  });
  return {
    name: 'packed scan alone',
    share: 1,
    search(query, radius) {
      const [found] = all.search([{ hash: hashChunks(hexOf(query)), radius, limit: FIRST }]);
      return found.seqs.length;
    },
  };
}

/** @returns {Way} */
function naive(hashes) {
  return {
    name: 'naive scan',
    share: 0.04,
    search(query, radius) {
      let found = 0;
      for (const hash of hashes) {
        const different = hash ^ query;
        const distance = bitCount(Number(different >> 32n)) + bitCount(Number(different & 0xffffffffn));
        if (distance <= radius) found++;
      }
      return Math.min(FIRST, found);
    },
  };
}

function throwError(error) {
  throw error;
}

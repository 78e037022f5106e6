import { join } from 'node:path';
import { contentHashOf, fillEntries } from '../harness/entries.js';
import { during, load, openConnections } from '../harness/load.js';
import { cpuMs } from '../harness/process-figures.js';
import { medianOf, printTable } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { random, syntheticHashes } from '../harness/synthetic-hashes.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';
import { startBareServer } from './start-bare-server.js';

const ENTRIES = 10_000;
const CONNECTIONS = 8;

const ENTRY = `query Entry($contentHash: ContentHash!) {
  entry(contentHash: $contentHash) {
    contentHash url contentType fileSizeBytes originalFilename
    width height perceptualHash clientName lookupTime createdAt
  }
}`;

/**
 * How fast one entry is read, over the wire and by GraphQL, beside bare servers that give the same answer: one that has it
 * ready, and one that reads it by one statement, without which no server has it.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function reads({ quick, nodeArgs }) {
  const [rounds, seconds] = quick ? [1, 1] : [5, 3];
  const dataDir = makeFolder();
  await fillEntries(dataDir, syntheticHashes(ENTRIES, random(1)));
  const gateway = await startGateway({ dataDir, nodeArgs });
  const connections = openConnections(gateway.url, CONNECTIONS);
  const answer = await connections.send(metaRequest(0));
  const bareServers = [
    await startBareServer('answer', answer),
    await startBareServer('row', join(dataDir, 'lookalike.db')),
  ];
  const [bare, row] = bareServers.map((server) => ({
    ...server,
    connections: openConnections(server.url, CONNECTIONS),
    request: metaRequest,
  }));
  const ways = [
    { name: 'bare node:http', ...bare },
    { name: 'the same with its row', ...row },
    { name: 'meta by wire', ...gateway, connections, request: metaRequest },
    { name: 'entry by graphql', ...gateway, connections, request: entryRequest },
  ];
  const results = ways.map(() => []);
  try {
    if ((await row.connections.send(metaRequest(0))) !== answer)
      throw new Error('The bare server gives another entry.');
    for (const way of ways) await measure(way, quick ? 1 : 3);
    for (let round = 0; round < rounds; round++)
      for (const [i, way] of ways.entries()) results[i].push(await measure(way, seconds));
  } finally {
    await Promise.all([connections, bare.connections, row.connections].map((each) => each.close()));
    await Promise.all([gateway, ...bareServers].map((server) => server.stop()));
    removeFolder(dataDir);
  }
  printTable(
    `Reads of one entry among ${ENTRIES}, ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s`,
    [
      'way',
      'per second',
      'CPU ms each',
      'rate to bare',
      'CPU to bare',
      'CPU to bare with row',
      'CPU to wire',
    ],
    ways.map(({ name }, i) => rowOf(name, results[i], results)),
  );
}

function rowOf(name, figures, [bare, row, wire]) {
  const ratios = (key, base) => medianOf(figures.map((each, round) => each[key] / base[round][key]));
  return [
    name,
    medianOf(figures.map(({ perSecond }) => perSecond)),
    medianOf(figures.map(({ cpuMs }) => cpuMs)),
    ratios('perSecond', bare),
    ratios('cpuMs', bare),
    ratios('cpuMs', row),
    ratios('cpuMs', wire),
  ];
}

const numbers = Array.from({ length: ENTRIES }, (_, number) => number);

async function measure({ pid, connections, request }, seconds) {
  const requests = numbers.map(request);
  const cpuBefore = cpuMs(pid);
  const { perSecond, count } = await load(
    CONNECTIONS,
    during(seconds, requests, async (each) => {
      const answer = await connections.send(each);
      if (!answer.includes('image/jpeg')) throw new Error(`Not an entry: ${answer}`);
    }),
  );
  return { perSecond, cpuMs: (cpuMs(pid) - cpuBefore) / count };
}

function metaRequest(number) {
  return { method: 'GET', path: `/imgcache/images/meta/${contentHashOf(number)}` };
}

function entryRequest(number) {
  return {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: ENTRY, variables: { contentHash: contentHashOf(number) } }),
  };
}

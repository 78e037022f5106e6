import { readFile } from 'node:fs/promises';
import { createBLAKE2b } from 'hash-wasm';
import { createPicturePool } from '../../dist/embedded/picture/picture-pool.js';
import { each, load, openConnections } from '../harness/load.js';
import { makePictures } from '../harness/pictures.js';
import { cpuMs } from '../harness/process-figures.js';
import { medianOf, percentile, printTable, verdict } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { graphqlEnvelope, uploadRequest, wireEnvelope } from '../harness/uploads.js';

const WARM_UP = 20;
const RATIO_GOAL = 0.6;

const WAYS = {
  'bare decode + hash': decodeAndHash,
  wire: (options) => storeAll({ ...options, envelope: wireEnvelope, proof: '"created_at"' }),
  graphql: (options) => storeAll({ ...options, envelope: graphqlEnvelope, proof: '"CREATED"' }),
};

/**
 * How fast new pictures are stored, beside decoding and hashing alone.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function stores({ quick, nodeArgs }) {
  const [rounds, count] = quick ? [1, 40] : [5, 150];
  const pictures = await makePictures(WARM_UP + count);
  const rows = [];
  for (const clients of [1, 8]) {
    const results = Object.fromEntries(Object.keys(WAYS).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++)
      for (const [name, run] of Object.entries(WAYS))
        results[name].push(await run({ pictures, clients, nodeArgs }));
    for (const [name, figures] of Object.entries(results))
      rows.push(rowOf(name, clients, figures, results['bare decode + hash']));
  }
  printTable(
    `New JPEGs of ${Math.round(pictures[0].bytes.length / 1000)} KB (1600x900) stored, ${count} in each of ${rounds} rounds; goal: ratio of ${RATIO_GOAL} at least`,
    ['way', 'clients', 'per second', 'CPU ms each', 'ratio to bare', 'goal'],
    rows,
  );
}

function rowOf(name, clients, figures, bare) {
  const ratios = figures.map(({ perSecond }, round) => perSecond / bare[round].perSecond);
  return [
    name,
    String(clients),
    medianOf(figures.map(({ perSecond }) => perSecond)),
    medianOf(figures.map(({ cpuMs }) => cpuMs)),
    medianOf(ratios),
    figures === bare ? '' : verdict(percentile(ratios, 50) >= RATIO_GOAL),
  ];
}

/** Runs the work for the first pictures to warm up, then for the rest against the clock. */
async function measure(pid, clients, items, work) {
  await load(clients, each(items.slice(0, WARM_UP), work));
  const cpuBefore = cpuMs(pid);
  const { perSecond, count } = await load(clients, each(items.slice(WARM_UP), work));
  return { perSecond, cpuMs: (cpuMs(pid) - cpuBefore) / count };
}

/** In this process, by the gateway's own threads. */
async function decodeAndHash({ pictures, clients }) {
  const pool = createPicturePool({ maxPixels: 2 ** 28 });
  const hasher = await createBLAKE2b(256);
  try {
    return await measure(process.pid, clients, pictures, async ({ path }) => {
      const [facts, bytes] = await Promise.all([pool.read(path), readFile(path)]);
      hasher.init().update(bytes).digest();
      if (facts.problem) throw new Error(`${path} could not be decoded.`);
    });
  } finally {
    await pool.close();
  }
}

async function storeAll({ pictures, clients, nodeArgs, envelope, proof }) {
  const requests = pictures.map(({ bytes }, number) => uploadRequest(envelope(number), bytes));
  const gateway = await startGateway({ nodeArgs });
  const connections = openConnections(gateway.url, clients);
  try {
    return await measure(gateway.pid, clients, requests, async (request) => {
      const answer = await connections.send(request);
      if (!answer.includes(proof)) throw new Error(`Not stored: ${answer}`);
    });
  } finally {
    await connections.close();
    await gateway.stop();
  }
}

import { readFile } from 'node:fs/promises';
import { createBLAKE2b } from 'hash-wasm';
import sharp from 'sharp';
import { createPicturePool } from '../../dist/embedded/picture/picture-pool.js';
import { each, load, openConnections } from '../harness/load.js';
import { makePictures } from '../harness/pictures.js';
import { cpuMs } from '../harness/process-figures.js';
import { medianOf, percentile, printTable, verdict } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { graphqlEnvelope, uploadRequest, wireEnvelope } from '../harness/uploads.js';

/** Until V8 has compiled what a store runs. */
const WARM_UP = 200;
/**
 * The original cannot be installed everywhere. It took 3.1 to 3.8 times the CPU of decoding alone, on one core however
 * many wrote at a time: the goals are 0.6 of that, and 2.5 times as many a second of what both cores decode.
 */
const GOALS = { 1: { cpu: 1.9 }, 8: { cpu: 1.9, perSecond: 0.36 } };

/** Each starts what it needs, and stores pictures until it is stopped. */
const WAYS = {
  'decode to RGB': decode,
  'bare decode + hash': decodeAndHash,
  wire: (options) => startStoring({ ...options, envelope: wireEnvelope, proof: '"created_at"' }),
  graphql: (options) => startStoring({ ...options, envelope: graphqlEnvelope, proof: '"CREATED"' }),
};
const OURS = new Set(['wire', 'graphql']);

/**
 * How fast new pictures are stored, beside decoding and hashing alone.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function stores({ quick, nodeArgs }) {
  const [rounds, count, warmUp] = quick ? [2, 40, 40] : [5, 120, WARM_UP];
  const pictures = [...(await makePictures(warmUp + rounds * count)).entries()];
  const rows = [];
  for (const clients of [1, 8]) {
    const names = Object.keys(WAYS);
    const ways = await Promise.all(names.map((name) => WAYS[name]({ clients, nodeArgs })));
    const figures = names.map(() => []);
    for (const way of ways) await measure(way, clients, pictures.slice(0, warmUp));
    for (let round = 0; round < rounds; round++) {
      const some = pictures.slice(warmUp + round * count, warmUp + (round + 1) * count);
      for (const [i, way] of ways.entries()) figures[i].push(await measure(way, clients, some));
    }
    await Promise.all(ways.map((way) => way.stop()));
    for (const [i, name] of names.entries()) rows.push(rowOf(name, clients, figures[i], figures[0]));
  }
  printTable(
    `New JPEGs of ${Math.round(pictures[0][1].bytes.length / 1000)} KB (1600x900) stored, ${count} in each of ${rounds} rounds, beside decoding alone; goals: ${GOALS[8].cpu} of its CPU, and ${GOALS[8].perSecond} of its rate with 8 clients`,
    ['way', 'clients', 'per second', 'CPU ms each', 'rate to decoding', 'CPU to decoding', 'goal'],
    rows,
  );
}

function rowOf(name, clients, figures, base) {
  const ratios = (key) => figures.map((each, round) => each[key] / base[round][key]);
  const goal = GOALS[clients];
  const isMet =
    percentile(ratios('cpuMs'), 50) <= goal.cpu &&
    percentile(ratios('perSecond'), 50) >= (goal.perSecond ?? 0);
  return [
    name,
    String(clients),
    medianOf(figures.map(({ perSecond }) => perSecond)),
    medianOf(figures.map(({ cpuMs }) => cpuMs)),
    medianOf(ratios('perSecond')),
    medianOf(ratios('cpuMs')),
    OURS.has(name) ? verdict(isMet) : '',
  ];
}

async function measure({ pid, store }, clients, pictures) {
  const cpuBefore = cpuMs(pid);
  const { perSecond, count } = await load(clients, each(pictures, store));
  return { perSecond, cpuMs: (cpuMs(pid) - cpuBefore) / count };
}

/** The limit: libjpeg-turbo in this process, a picture to a thread. */
async function decode() {
  sharp.concurrency(1);
  sharp.cache(false);
  return { pid: process.pid, store: ([, { path }]) => sharp(path).raw().toBuffer(), stop: async () => {} };
}

/** In this process, by the gateway's own threads. */
async function decodeAndHash() {
  const pool = createPicturePool({ maxPixels: 2 ** 28 });
  const hasher = await createBLAKE2b(256);
  return {
    pid: process.pid,
    async store([, { path }]) {
      const [facts, bytes] = await Promise.all([pool.read(path), readFile(path)]);
      hasher.init().update(bytes).digest();
      if (facts.problem) throw new Error(`${path} could not be decoded.`);
    },
    stop: () => pool.close(),
  };
}

async function startStoring({ clients, nodeArgs, envelope, proof }) {
  const gateway = await startGateway({ nodeArgs });
  const connections = openConnections(gateway.url, clients);
  return {
    pid: gateway.pid,
    async store([number, { bytes }]) {
      const answer = await connections.send(uploadRequest(envelope(number), bytes));
      if (!answer.includes(proof)) throw new Error(`Not stored: ${answer}`);
    },
    async stop() {
      await connections.close();
      await gateway.stop();
    },
  };
}

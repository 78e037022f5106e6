import { each, load, openConnections } from '../harness/load.js';
import { makePictures } from '../harness/pictures.js';
import { ownChildren, treeCpuMs } from '../harness/process-figures.js';
import { medianOf, percentile, printTable, verdict } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { uploadRequest, wireEnvelope } from '../harness/uploads.js';

const RATIO_GOAL = 0.8;
const CLIENTS = 8;
const WARM_UP = 12;

/**
 * How fast new pictures are stored by one gateway on a folder, and by gateways on a database and an object store.
 *
 * @param {{ quick: boolean, servers: import('../scale.js').Servers }} options
 */
export async function stores({ quick, servers }) {
  const [rounds, count] = quick ? [1, 24] : [5, 150];
  const pictures = await makePictures(WARM_UP + count);
  const ways = waysOf(servers);
  const results = ways.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, way] of ways.entries()) results[i].push(await storeAll(way, pictures, servers));
  printTable(
    `New JPEGs of ${Math.round(pictures[0].bytes.length / 1000)} KB stored by ${CLIENTS} clients, ${count} in each of ${rounds} rounds; goal: one gateway at ${RATIO_GOAL} of SQLite + files at least`,
    ['storage', 'gateways', 'per second', 'ratio', 'CPU ms: gateways', 'PostgreSQL', 'objects', 'goal'],
    ways.map((way, i) => rowOf(way, results[i], results[0])),
  );
}

function waysOf({ harness, postgres, swift, fileStore }) {
  let buckets = 0;
  const shared = (blobsUrl, env) => async () => ({
    DATABASE_URL: await harness.createDatabase(postgres),
    BLOBS_URL: await blobsUrl(),
    ...env,
  });
  const onSwift = shared(async () => {
    const bucket = `bench-${++buckets}`;
    await swift.makeBucket(bucket);
    return swift.blobsUrl(bucket);
  }, harness.SWIFT_KEYS);
  const onFiles = shared(fileStore.blobsUrl, harness.SWIFT_KEYS);
  return [
    { name: 'SQLite + files', gateways: 1, prepare: async () => ({}) },
    { name: 'PostgreSQL + bare S3 over files', gateways: 1, prepare: onFiles },
    ...(swift
      ? [1, 2, 3].map((gateways) => ({ name: 'PostgreSQL + Swift', gateways, prepare: onSwift }))
      : [2, 3].map((gateways) => ({
          name: 'PostgreSQL + bare S3 over files',
          gateways,
          prepare: onFiles,
        }))),
  ];
}

async function storeAll({ gateways: number, prepare }, pictures, servers) {
  const env = await prepare();
  const gateways = [];
  const connections = [];
  try {
    for (let i = 0; i < number; i++)
      gateways.push(await startGateway({ env: { LOOKALIKE_LOG_LEVEL: 'error', ...env } }));
    for (const { url } of gateways) connections.push(openConnections(url, CLIENTS));
    let turn = 0;
    const requests = pictures.map(({ bytes }, i) => uploadRequest(wireEnvelope(i), bytes));
    const store = async (request) => {
      const response = await connections[turn++ % number].send(request);
      if (!response.includes('"created_at"')) throw new Error(`Not stored: ${response}`);
    };
    await load(CLIENTS, each(requests.slice(0, WARM_UP), store));
    const before = cpuOf(gateways, servers);
    const { perSecond, count } = await load(CLIENTS, each(requests.slice(WARM_UP), store));
    const cpu = cpuOf(gateways, servers).map((ms, i) => (ms - before[i]) / count);
    return { perSecond, cpu };
  } finally {
    for (const each of connections) await each.close();
    for (const gateway of gateways) await gateway.stop();
  }
}

/** Of the gateways, of the database and of the object stores, of which one works at a time. */
function cpuOf(gateways, { fileStore }) {
  const sum = (pids) => pids.reduce((ms, pid) => ms + treeCpuMs(pid), 0);
  return [
    sum(gateways.map(({ pid }) => pid)),
    sum(ownChildren('postgres')),
    sum([fileStore.pid, ...ownChildren('swift-')]),
  ];
}

function rowOf({ name, gateways }, figures, first) {
  const ratios = figures.map(({ perSecond }, round) => perSecond / first[round].perSecond);
  return [
    name,
    String(gateways),
    medianOf(figures.map(({ perSecond }) => perSecond)),
    medianOf(ratios),
    ...[0, 1, 2].map((part) => medianOf(figures.map(({ cpu }) => cpu[part]))),
    figures !== first && gateways === 1 ? verdict(percentile(ratios, 50) >= RATIO_GOAL) : '',
  ];
}

import { setTimeout as sleep } from 'node:timers/promises';
import { openConnections } from '../harness/load.js';
import { makeLargePicture } from '../harness/pictures.js';
import { figure, megabytes, percentile, printTable, verdict } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { uploadRequest, wireEnvelope } from '../harness/uploads.js';

const PROBE_EVERY_MS = 5;
const GOAL_MS = 50;

/**
 * How long other requests wait while a picture of 30 megapixels is stored.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function responsiveness({ quick, nodeArgs }) {
  const [stores, idleMs] = quick ? [1, 1000] : [5, 5000];
  const pictures = [];
  for (let i = 0; i <= stores; i++) pictures.push(await makeLargePicture(i));
  const gateway = await startGateway({ nodeArgs });
  const uploads = openConnections(gateway.url, 1);
  const store = (number) => uploads.send(uploadRequest(wireEnvelope(number), pictures[number]));
  try {
    await store(0);
    const idle = await probeDuring(gateway, sleep(idleMs));
    const storing = [];
    for (let i = 1; i <= stores; i++) storing.push(...(await probeDuring(gateway, store(i))));
    const excess = Math.max(...storing) - Math.max(...idle);
    printTable(
      `Answers of /health, asked every ${PROBE_EVERY_MS} ms, while JPEGs of 30 megapixels (${megabytes(pictures[0].length)} MB) are stored; goal: max of ${GOAL_MS} ms above idle at most`,
      ['while', 'requests', 'p50 ms', 'p99 ms', 'max ms', 'goal'],
      [rowOf('idle', idle, ''), rowOf(`${stores} stores, one by one`, storing, verdict(excess <= GOAL_MS))],
    );
  } finally {
    await uploads.close();
    await gateway.stop();
  }
}

function rowOf(name, times, goal) {
  const cells = [percentile(times, 50), percentile(times, 99), Math.max(...times)].map(figure);
  return [name, String(times.length), ...cells, goal];
}

/** Sends requests at fixed times, whether the ones before were answered or not. Returns how long each took. */
async function probeDuring({ url }, work) {
  const connections = openConnections(url, 32);
  const times = [];
  const probe = async () => {
    const start = performance.now();
    await connections.send({ method: 'GET', path: '/health' });
    times.push(performance.now() - start);
  };
  await probe();
  times.length = 0;
  const probes = [];
  const timer = setInterval(() => probes.push(probe()), PROBE_EVERY_MS);
  try {
    await work;
  } finally {
    clearInterval(timer);
    await Promise.all(probes);
    await connections.close();
  }
  return times;
}

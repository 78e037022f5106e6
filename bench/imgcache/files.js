import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTurns } from '../graph/measure.js';
import { openConnections } from '../harness/load.js';
import { hasNginx, startNginx } from '../harness/nginx.js';
import { makePictures } from '../harness/pictures.js';
import { medianOf, percentile, print, printTable, verdict } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { uploadRequest, wireEnvelope } from '../harness/uploads.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';

const CONNECTIONS = 8;
const PICTURES = 64;
const GOAL = { perSecond: 0.7, cpu: 3 };

/**
 * How fast stored pictures are served, beside nginx with the same files.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function files({ quick, nodeArgs }) {
  if (!hasNginx()) return print('\nFiles: skipped, since nginx is not installed.');
  const timing = quick ? { rounds: 2, seconds: 1 } : { rounds: 5, seconds: 3 };
  const pictures = await makePictures(PICTURES);
  const folder = makeFolder();
  const gateway = await startGateway({ nodeArgs });
  const uploads = openConnections(gateway.url, 2);
  const hashes = [];
  for (const [number, { bytes }] of pictures.entries()) {
    const stored = JSON.parse(await uploads.send(uploadRequest(wireEnvelope(number), bytes)));
    hashes.push(stored.content_hash);
    writeFileSync(join(folder, stored.content_hash), bytes);
  }
  await uploads.close();
  const nginx = await startNginx(folder);
  const ways = [
    { name: 'nginx', server: nginx, prefix: '/' },
    { name: 'gateway, /files', server: gateway, prefix: '/files/' },
  ].map((way) => ({ ...way, connections: openConnections(way.server.url, CONNECTIONS) }));
  try {
    const figures = await inTurns(
      ways.map(({ server, prefix, connections }) => ({
        pid: server.pid,
        clients: CONNECTIONS,
        pages: hashes.map((hash) => () => connections.receive({ method: 'GET', path: prefix + hash })),
      })),
      timing,
    );
    report(ways, figures, { bytes: pictures[0].bytes.length, timing });
  } finally {
    await Promise.all(ways.map(({ connections }) => connections.close()));
    await gateway.stop();
    await nginx.stop();
    removeFolder(folder);
  }
}

function report(ways, figures, { bytes, timing: { rounds, seconds } }) {
  const ratios = (i, key) => figures[i].map((each, round) => each[key] / figures[0][round][key]);
  const isMet =
    percentile(ratios(1, 'perSecond'), 50) >= GOAL.perSecond &&
    percentile(ratios(1, 'cpuMs'), 50) <= GOAL.cpu;
  printTable(
    `Files of ${Math.round(bytes / 1000)} KB, ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s; goals: ${GOAL.perSecond} of the rate of nginx, ${GOAL.cpu} times its CPU`,
    ['by', 'per second', 'CPU ms each', 'rate to nginx', 'CPU to nginx', 'goals'],
    ways.map(({ name }, i) => [
      name,
      medianOf(figures[i].map(({ perSecond }) => perSecond)),
      medianOf(figures[i].map(({ cpuMs }) => cpuMs)),
      medianOf(ratios(i, 'perSecond')),
      medianOf(ratios(i, 'cpuMs')),
      i === 0 ? '' : verdict(isMet),
    ]),
  );
}

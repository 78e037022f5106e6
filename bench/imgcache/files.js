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
import { startBareServer } from './start-bare-server.js';

const CONNECTIONS = 8;
const PICTURES = 64;
const GOAL = { perSecond: 0.7, cpu: 3 };

/**
 * How fast stored pictures are served, beside nginx with the same files, and beside node:http that serves them and nothing else:
 * by one read, which is the least that Node can do, and by a stream.
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
  const bareServers = [await startBareServer('read', folder), await startBareServer('stream', folder)];
  const ways = [
    { name: 'nginx', server: nginx, prefix: '/' },
    { name: 'node:http, one read', server: bareServers[0], prefix: '/' },
    { name: 'node:http, a stream', server: bareServers[1], prefix: '/' },
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
    await Promise.all([gateway, nginx, ...bareServers].map((server) => server.stop()));
    removeFolder(folder);
  }
}

function report(ways, figures, { bytes, timing: { rounds, seconds } }) {
  const ratios = (i, key, base = 0) => figures[i].map((each, round) => each[key] / figures[base][round][key]);
  const own = ways.length - 1;
  const isMet =
    percentile(ratios(own, 'perSecond'), 50) >= GOAL.perSecond &&
    percentile(ratios(own, 'cpuMs'), 50) <= GOAL.cpu;
  printTable(
    `Files of ${Math.round(bytes / 1000)} KB, ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s; goals: ${GOAL.perSecond} of the rate of nginx, ${GOAL.cpu} times its CPU`,
    ['by', 'per second', 'CPU ms each', 'rate to nginx', 'CPU to nginx', 'CPU to one read', 'goals'],
    ways.map(({ name }, i) => [
      name,
      medianOf(figures[i].map(({ perSecond }) => perSecond)),
      medianOf(figures[i].map(({ cpuMs }) => cpuMs)),
      medianOf(ratios(i, 'perSecond')),
      medianOf(ratios(i, 'cpuMs')),
      medianOf(ratios(i, 'cpuMs', 1)),
      i === own ? verdict(isMet) : '',
    ]),
  );
}

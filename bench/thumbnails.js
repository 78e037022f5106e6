import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { during, each, load, openConnections } from './harness/load.js';
import { makePictures } from './harness/pictures.js';
import { cpuMs } from './harness/process-figures.js';
import { figure, medianOf, printTable } from './harness/report.js';
import { startGateway, startServer } from './harness/server.js';
import { uploadRequest, wireEnvelope } from './harness/uploads.js';
import { makeFolder, removeFolder } from './harness/workspace.js';

export const description = 'thumbnails: made, kept, and beside a bare server of the same files  [--quick]';

const FILE_SERVER = fileURLToPath(new URL('thumbnails/file-server.js', import.meta.url));
const CONNECTIONS = 8;

/** @param {string[]} args */
export async function run(args) {
  const quick = args.includes('--quick');
  const [rounds, seconds, count] = quick ? [1, 1, 30] : [5, 3, 150];
  const pictures = await makePictures(count);
  const gateway = await startGateway();
  const folder = makeFolder();
  const connections = openConnections(gateway.url, CONNECTIONS);
  try {
    const hashes = await storeAll(connections, pictures);
    const made = await first(gateway, connections, hashes);
    const files = await fileServer(folder, gateway.url, hashes);
    const kept = await again({ gateway, connections, files, hashes, rounds, seconds });
    await files.close();
    printTable(
      `Thumbnails of ${count} JPEGs of 1600x900 pixels, 320 pixels wide, as WebP, ${CONNECTIONS} connections`,
      ['way', 'per second', 'CPU ms each', 'ratio to bare'],
      [['made when first asked for', figure(made.perSecond), figure(made.cpuMs), ''], ...kept],
    );
  } finally {
    await connections.close();
    await gateway.stop();
    removeFolder(folder);
  }
}

/**
 * Stores the pictures.
 *
 * @returns {Promise<string[]>} their content hashes
 */
async function storeAll(connections, pictures) {
  const hashes = [];
  await load(
    CONNECTIONS,
    each([...pictures.entries()], async ([number, { bytes }]) => {
      const stored = JSON.parse(await connections.send(uploadRequest(wireEnvelope(number), bytes)));
      hashes.push(stored.content_hash);
    }),
  );
  return hashes;
}

async function first(gateway, connections, hashes) {
  const cpuBefore = cpuMs(gateway.pid);
  const { perSecond, count } = await load(
    CONNECTIONS,
    each(hashes, (hash) => connections.send(thumbnailRequest(hash))),
  );
  return { perSecond, cpuMs: (cpuMs(gateway.pid) - cpuBefore) / count };
}

/** A bare server of the same bytes, in files of the same names. */
async function fileServer(folder, url, hashes) {
  for (const hash of hashes) {
    const { path } = thumbnailRequest(hash);
    const bytes = Buffer.from(await (await fetch(`${url}${path}`)).arrayBuffer());
    writeFileSync(join(folder, nameOf(path)), bytes);
  }
  const server = await startServer([FILE_SERVER, folder], /ready: (\S+)/);
  const connections = openConnections(server.url, CONNECTIONS);
  return {
    pid: server.pid,
    connections,
    async close() {
      await connections.close();
      await server.stop();
    },
  };
}

async function again({ gateway, connections, files, hashes, rounds, seconds }) {
  const ways = [
    { name: 'bare node:http that sends files', ...files, request: thumbnailRequest },
    { name: 'kept', pid: gateway.pid, connections, request: thumbnailRequest },
    { name: 'the picture itself, 190 KB', pid: gateway.pid, connections, request: fileRequest },
  ];
  const results = ways.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, way] of ways.entries()) results[i].push(await measure(way, hashes, seconds));
  return ways.map(({ name }, i) => [
    name,
    medianOf(results[i].map(({ perSecond }) => perSecond)),
    medianOf(results[i].map((each) => each.cpuMs)),
    medianOf(results[i].map(({ perSecond }, round) => perSecond / results[0][round].perSecond)),
  ]);
}

async function measure({ pid, connections, request }, hashes, seconds) {
  const cpuBefore = cpuMs(pid);
  const { perSecond, count } = await load(
    CONNECTIONS,
    during(seconds, hashes, (hash) => connections.send(request(hash))),
  );
  return { perSecond, cpuMs: (cpuMs(pid) - cpuBefore) / count };
}

function thumbnailRequest(hash) {
  return { method: 'GET', path: `/thumbnails/${hash}/320.webp` };
}

function fileRequest(hash) {
  return { method: 'GET', path: `/files/${hash}` };
}

/** As the server of files names them. */
function nameOf(path) {
  return createHash('sha256').update(path).digest('hex');
}

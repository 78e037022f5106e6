// The whole way: a gateway on a data folder, asked over HTTP.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KEYPOINTS_VERSION } from '../../dist/embedded/keypoints/keypoints.js';
import { DESCRIPTOR_VERSION } from '../../dist/embedded/picture/descriptor.js';
import { describePicture } from '../../dist/embedded/picture/read-picture.js';
import { openSqliteStore } from '../../dist/embedded/store/sqlite/open.js';
import { openConnections } from '../harness/load.js';
import { cpuMs, residentBytes } from '../harness/process-figures.js';
import { percentile, verdict } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { makeFolder, removeFolder } from '../harness/workspace.js';
import { madeUpRows } from './made-up.js';

const KEPT = fileURLToPath(new URL('../../.cache/search/', import.meta.url));
const AT = '2026-01-01T00:00:00.000000Z';
const COLLECTION = 'bench001';
const BATCH = 10_000;
/** The pictures that are searched for, and how often each, after once to warm up: a p95 of 60 times would be the third largest. */
const ASKED = 60;
const ROUNDS = 5;
/** The time in which a gateway makes look-ups of its scans. */
const SETTLE_MS = 60_000;
const BY_ID = `query ($id: String!) { image(collectionId: "${COLLECTION}", imageId: $id) { similar(first: 20) { rank } } }`;
const BY_UPLOAD = `query ($bytes: String!) {
  similar(to: { image: { base64: $bytes } }, collectionIds: ["${COLLECTION}"], first: 20) { images { rank } } }`;
/** The goals in milliseconds, by pictures: by id, and by upload beyond decode and describe. */
const GOALS = { 100000: [12, 50], 1000000: [30, 80] };

export const HTTP_COLUMNS = [
  'pictures',
  'rows s',
  'first search s',
  'by id p50 ms',
  'by id p95 ms',
  'by id CPU ms',
  'by upload p50 ms',
  'by upload p95 ms',
  'by upload CPU ms',
  'decode and describe p50 ms',
  'decode and describe CPU ms',
  'beyond p95 ms',
  'memory bytes a picture',
  'goals by id, by upload',
];

export async function measureOverHttp(size, pictures) {
  const { dataDir, filled } = await filledFolder(size, pictures);
  const gateway = await startGateway({ dataDir, env: { LOOKALIKE_LOG_LEVEL: 'error' } });
  const connections = openConnections(gateway.url, 1);
  try {
    return rowOf(size, filled, await ask({ gateway, connections }, size, pictures));
  } finally {
    await connections.close();
    await gateway.stop();
  }
}

/** A data folder with so many pictures, made once and kept: another one where what is stored or how it is made has changed. */
async function filledFolder(size, pictures) {
  const version = createHash('sha256')
    .update(`${DESCRIPTOR_VERSION} ${KEYPOINTS_VERSION} ${pictures.length}`)
    .update(readFileSync(new URL('made-up.js', import.meta.url)))
    .update(readFileSync(new URL(import.meta.url)))
    .digest('hex')
    .slice(0, 12);
  const dataDir = join(KEPT, `${size}-${version}`);
  const complete = join(dataDir, 'complete');
  if (existsSync(complete)) return { dataDir, filled: 0 };
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const filling = performance.now();
  await fillRows(dataDir, size, pictures);
  writeFileSync(complete, '');
  return { dataDir, filled: (performance.now() - filling) / 1000 };
}

/** The real pictures are among them, as real-0 and so on. */
async function fillRows(dataDir, size, pictures) {
  const { store, connection, close } = await openSqliteStore(join(dataDir, 'lookalike.db'));
  const collection = { collectionId: COLLECTION, name: null, user: null };
  await store.collections.insert({ collection, publicKey: 'bench', secretKey: 'bench' }, AT);
  connection.pragma('synchronous = off');
  const insert = connection.prepare(
    `insert into images (collection_id, image_id, content_hash, image_time, descriptor_version, descriptor)
    values ('${COLLECTION}', ?, ?, '${AT}', ${DESCRIPTOR_VERSION}, ?)`,
  );
  const insertKeypoints = connection.prepare(
    `insert into image_keypoints (seq, version, keypoints) values (?, ${KEYPOINTS_VERSION}, ?)`,
  );
  const next = madeUpRows(pictures);
  for (let start = 0; start < size; start += BATCH) {
    connection.transaction(() => {
      for (let row = start; row < Math.min(size, start + BATCH); row++) {
        const id = row < pictures.length ? `real-${row}` : `made-${row}`;
        const { descriptor, keypoints } = pictures[row] ?? next();
        const hash = createHash('sha256').update(id).digest('hex');
        const { lastInsertRowid } = insert.run(id, hash, descriptor);
        insertKeypoints.run(lastInsertRowid, keypoints);
      }
    })();
  }
  connection.pragma('wal_checkpoint(truncate)');
  await close();
}

async function ask({ gateway, connections }, size, pictures) {
  const send = async (query, variables) => {
    const start = performance.now();
    const response = await connections.send({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    if (response.includes('"errors"')) throw new Error(`A search failed: ${response}`);
    return performance.now() - start;
  };
  const before = residentBytes(gateway.pid).now;
  const first = await untilAnswered(() => send(BY_ID, { id: 'real-0' }));
  await sleep((SETTLE_MS * size) / 1e6 + 5000);
  const some = Array.from({ length: ASKED }, (_, at) => Math.floor((at * pictures.length) / ASKED));
  const searches = async (search) => {
    for (const at of some) await search(at);
    const started = cpuMs(gateway.pid);
    const times = [];
    for (let round = 0; round < ROUNDS; round++) for (const at of some) times.push(await search(at));
    return { times, cpu: (cpuMs(gateway.pid) - started) / times.length };
  };
  const byId = await searches((at) => send(BY_ID, { id: `real-${at}` }));
  // Before uploads, whose decoding needs memory as well.
  const memory = (residentBytes(gateway.pid).now - before) / size;
  const byUpload = await searches((at) => send(BY_UPLOAD, { bytes: pictures[at].bytes.toString('base64') }));
  const described = await describeAlone(some.map((at) => pictures[at].bytes));
  return { first, byId, byUpload, described, memory };
}

/** A request may have to give up before all rows are read; the reading goes on where it was. */
async function untilAnswered(send) {
  const start = performance.now();
  for (;;) {
    try {
      await send();
      return (performance.now() - start) / 1000;
    } catch (error) {
      if (performance.now() - start > 600_000) throw error;
    }
  }
}

/** What an upload costs before it is searched for, in this process. */
async function describeAlone(pictures) {
  const folder = makeFolder();
  const times = [];
  const started = process.cpuUsage();
  for (const bytes of pictures) {
    const file = join(folder, 'asked.jpg');
    writeFileSync(file, bytes);
    const start = performance.now();
    await describePicture(file, { maxPixels: 1e9 }, async () => {}, 'ASKED');
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(started);
  removeFolder(folder);
  return { times, cpu: (user + system) / 1000 / times.length };
}

function rowOf(size, filled, { first, byId, byUpload, described, memory }) {
  const describeP50 = percentile(described.times, 50);
  const beyond = percentile(byUpload.times, 95) - describeP50;
  const idP95 = percentile(byId.times, 95);
  const goals = GOALS[size];
  return [
    String(size),
    filled.toFixed(0),
    first.toFixed(1),
    percentile(byId.times, 50).toFixed(1),
    idP95.toFixed(1),
    byId.cpu.toFixed(1),
    ...[50, 95].map((percent) => percentile(byUpload.times, percent).toFixed(1)),
    byUpload.cpu.toFixed(1),
    describeP50.toFixed(1),
    described.cpu.toFixed(1),
    beyond.toFixed(1),
    memory.toFixed(0),
    goals ? `${verdict(idP95 <= goals[0])}, ${verdict(beyond <= goals[1])}` : '',
  ];
}

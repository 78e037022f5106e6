import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { openConnections } from '../harness/load.js';
import { makePictures } from '../harness/pictures.js';
import { resetPeak, residentBytes } from '../harness/process-figures.js';
import { megabytes, printTable, verdict } from '../harness/report.js';
import { startGateway } from '../harness/server.js';
import { graphqlEnvelope, uploadRequest, wireEnvelope } from '../harness/uploads.js';

const GOAL_BYTES = 100e6;
const CHUNK_BYTES = 64 * 1024;

/**
 * How much memory a large upload takes. It is a JPEG with padding behind it, and so a picture.
 *
 * @param {import('../harness/sections.js').BenchOptions} options
 */
export async function memory({ quick, nodeArgs }) {
  const size = quick ? 20e6 : 200e6;
  const pictures = await makePictures(12);
  const rows = [];
  for (const [way, envelope] of Object.entries({ wire: wireEnvelope, graphql: graphqlEnvelope })) {
    const gateway = await startGateway({ nodeArgs, env: { LOOKALIKE_MAX_UPLOAD_BYTES: String(size * 2) } });
    try {
      // A gateway that has stored something has its threads and its decoder.
      await storeSome(gateway, pictures.slice(1), envelope);
      await sleep(1000);
      resetPeak(gateway.pid);
      const before = residentBytes(gateway.pid).now;
      const start = performance.now();
      await upload(gateway, envelope(0), pictures[0].bytes, size);
      const seconds = (performance.now() - start) / 1000;
      const { peak } = residentBytes(gateway.pid);
      await sleep(1000);
      const after = residentBytes(gateway.pid).now;
      const cells = [before, peak, after, peak - before].map(megabytes);
      rows.push([way, ...cells, megabytes(size / seconds), verdict(peak - before < GOAL_BYTES)]);
    } finally {
      await gateway.stop();
    }
  }
  printTable(
    `Resident memory over an upload of ${megabytes(size)} MB; goal: growth below ${megabytes(GOAL_BYTES)} MB`,
    ['way', 'before MB', 'peak MB', 'after MB', 'growth MB', 'MB per second', 'goal'],
    rows,
  );
}

async function storeSome({ url }, pictures, envelope) {
  const connections = openConnections(url, 4);
  await Promise.all(pictures.map(({ bytes }, i) => connections.send(uploadRequest(envelope(i + 1), bytes))));
  await connections.close();
}

async function upload({ url }, { path, headers, before, after }, picture, size) {
  async function* body() {
    yield before;
    yield picture;
    const padding = Buffer.alloc(CHUNK_BYTES);
    for (let left = size - picture.length; left > 0; left -= padding.length)
      yield padding.subarray(0, Math.min(left, padding.length));
    yield after;
  }
  const { statusCode, body: answer } = await request(url + path, { method: 'POST', headers, body: body() });
  const text = await answer.text();
  if (statusCode >= 300 || !text.includes('1600')) throw new Error(`Not stored: ${statusCode} ${text}`);
}

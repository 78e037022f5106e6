/** Hands requests on to the server named by the first argument, and fails at every fiftieth or so, in one way or another. */
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { print } from '../harness/report.js';

const FAULT_RATE = 0.02;
/** Now and then all requests fail for a while, so that the breakers open and close. */
const [OUTAGE_EVERY_MS, OUTAGE_MS] = [30_000, 3_000];

const pool = new Pool(process.argv[2], { connections: 64 });

const FAULTS = [
  (_req, res) => res.socket?.resetAndDestroy(),
  (_req, res) => res.writeHead(500, { 'content-type': 'text/html' }).end('<html>no</html>'),
  (_req, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>'),
  (_req, res) => res.writeHead(200, { 'content-length': '1000' }).write('{"status":'),
  (_req, res) => res.end('{"status": 200, '),
  (_req, res) => res.writeHead(503, { 'retry-after': '1' }).end(),
  () => {}, // Never answers.
  async (req, res) => {
    await sleep(300);
    await handOn(req, res);
  },
  async (req, res) => {
    await handOn(req, res);
    res.socket?.destroy();
  },
];

async function handOn(req, res) {
  const { method, url: path } = req;
  const { host, connection, 'transfer-encoding': _, ...headers } = req.headers;
  const { statusCode, headers: sent, body } = await pool.request({ method, path, headers, body: req });
  res.writeHead(statusCode, sent);
  await pipeline(body, res);
}

const server = createServer(async (req, res) => {
  const isOutage = performance.now() % OUTAGE_EVERY_MS > OUTAGE_EVERY_MS - OUTAGE_MS;
  const isFaulty = isOutage || Math.random() < FAULT_RATE;
  const meet = isFaulty ? FAULTS[Math.floor(Math.random() * FAULTS.length)] : handOn;
  try {
    await meet(req, res);
  } catch {
    res.destroy();
  }
});
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));

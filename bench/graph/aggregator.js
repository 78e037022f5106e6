/** What somebody without GraphQL would write for two pages of a front end, over the imgcache of the first argument. */
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { print } from '../harness/report.js';
import { nearest, toEntry } from './imgcache-rows.js';

const FIRST_SIMILAR = 20;
const pool = new Pool(process.argv[2], { connections: 64 });

/** `/entries?hash=…&hash=…`: each different one is asked for once. */
async function entries(url) {
  const hashes = url.searchParams.getAll('hash');
  const found = new Map();
  await Promise.all(
    [...new Set(hashes)].map(async (hash) => found.set(hash, toEntry(await get(`/images/meta/${hash}`)))),
  );
  return hashes.map((hash) => found.get(hash));
}

/** `/similar?urlContains=…&within=…`: the entries of a page, each with its look-alikes, nearest first. */
async function similar({ searchParams }) {
  const page = await get(`/images/search?url_contains=${searchParams.get('urlContains')}`);
  const distance = searchParams.get('within');
  return Promise.all(
    page.map(toEntry).map(async (entry) => ({ ...entry, similar: await lookAlikes(entry, distance) })),
  );
}

async function lookAlikes(entry, distance) {
  const path = `/images/similar?perceptual_hash=${entry.perceptualHash}&max_hamming_distance=${distance}`;
  return nearest(entry, await get(path), FIRST_SIMILAR).map(
    ({ entry: { contentHash, url, width, height }, hammingDistance }) => ({
      entry: { contentHash, url, width, height },
      hammingDistance,
    }),
  );
}

async function get(path) {
  const { statusCode, body } = await pool.request({ method: 'GET', path });
  if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}.`);
  return body.json();
}

const pages = { '/entries': entries, '/similar': similar };
const server = createServer(async (req, res) => {
  const url = new URL(req.url, 'http://aggregator');
  const body = Buffer.from(JSON.stringify(await pages[url.pathname](url)));
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
});
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));

/** What somebody without GraphQL would write for two pages of a front end, over the imgcache of the first argument. */
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { print } from '../harness/report.js';

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

/** `/similar?urlContains=…`: the entries of a page, each with its look-alikes, nearest first. */
async function similar(url) {
  const page = await get(`/images/search?url_contains=${url.searchParams.get('urlContains')}`);
  return Promise.all(page.map(async (row) => ({ ...toEntry(row), similar: await lookAlikes(row) })));
}

async function lookAlikes({ perceptual_hash: hash, content_hash: itself }) {
  const found = await get(`/images/similar?perceptual_hash=${hash}&max_hamming_distance=4`);
  return found
    .filter((row) => row.content_hash !== itself)
    .map((row) => ({ entry: toEntry(row), hammingDistance: distance(hash, row.perceptual_hash) }))
    .sort(
      (a, b) =>
        a.hammingDistance - b.hammingDistance ||
        compare(a.entry.createdAt, b.entry.createdAt) ||
        compare(a.entry.contentHash, b.entry.contentHash),
    )
    .slice(0, FIRST_SIMILAR)
    .map(({ entry: { contentHash, url, width, height }, hammingDistance }) => ({
      entry: { contentHash, url, width, height },
      hammingDistance,
    }));
}

async function get(path) {
  const { statusCode, body } = await pool.request({ method: 'GET', path });
  if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}.`);
  return body.json();
}

function toEntry(row) {
  return {
    contentHash: row.content_hash,
    url: row.url,
    contentType: row.content_type,
    fileSizeBytes: row.file_size_bytes,
    originalFilename: row.original_filename,
    width: row.width,
    height: row.height,
    perceptualHash: row.perceptual_hash,
    clientName: row.client_name,
    lookupTime: row.lookup_time,
    createdAt: row.created_at,
  };
}

function distance(a, b) {
  let bits = 0;
  for (let i = 0; i < 16; i += 8) {
    let rest = Number.parseInt(a.slice(i, i + 8), 16) ^ Number.parseInt(b.slice(i, i + 8), 16);
    for (; rest !== 0; rest &= rest - 1) bits++;
  }
  return bits;
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

const pages = { '/entries': entries, '/similar': similar };
const server = createServer(async (req, res) => {
  const url = new URL(req.url, 'http://aggregator');
  const body = Buffer.from(JSON.stringify(await pages[url.pathname](url)));
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
});
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));

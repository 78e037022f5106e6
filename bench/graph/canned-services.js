/**
 * An imgcache and a VisualSnoop of one collection that give answers made beforehand, whoever signs the request. Look-alikes
 * within 5 bits change from answer to answer.
 */
import { createServer } from 'node:http';
import { print } from '../harness/report.js';
import { lookAlikesOf, pages } from './canned-entries.js';

const COLLECTION = 'bench';
const VISUALSNOOP = '/visualsnoop/api/v1';
const CLIENT_NAME = '"client_name":"';

const bodies = new Map();
const answer = (path, value) => bodies.set(path, Buffer.from(JSON.stringify(value)));
answer(`${VISUALSNOOP}/collection?session=init`, { status: 200, message: 'OK', collection_id: COLLECTION });
for (const { word, fewWord, rows, few } of pages) {
  answer(`/images/search?url_contains=${word}`, rows);
  answer(`/images/search?url_contains=${fewWord}`, few);
  for (const row of rows) {
    const { content_hash: contentHash, perceptual_hash: hash } = row;
    answer(`/images/meta/${contentHash}`, row);
    answer(`/images/similar?perceptual_hash=${hash}&max_hamming_distance=4`, lookAlikesOf(row));
    answer(`/images/similar?perceptual_hash=${hash}&max_hamming_distance=5`, lookAlikesOf(row));
    answer(`${VISUALSNOOP}/image/${contentHash}`, imageOf(row));
  }
}

function imageOf({ content_hash: id, created_at: time }) {
  return { status: 200, message: 'OK', collection_id: COLLECTION, image_id: id, image_time: `${time}Z` };
}

/** One letter, of what no workload shows: the answer is never the same as the one before. */
function change(body) {
  body[body.indexOf(CLIENT_NAME) + CLIENT_NAME.length] ^= 1;
}

const server = createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
  const body = bodies.get(req.url);
  if (!body) return void res.writeHead(404).end();
  if (req.url.endsWith('max_hamming_distance=5')) change(body);
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
});
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));

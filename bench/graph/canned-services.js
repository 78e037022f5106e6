/** An imgcache and a VisualSnoop of one collection that give answers made beforehand, whoever signs the request. */
import { createServer } from 'node:http';
import { print } from '../harness/report.js';
import { lookAlikesOf, pages } from './canned-entries.js';

const COLLECTION = 'bench';
const VISUALSNOOP = '/visualsnoop/api/v1';

const bodies = new Map();
const answer = (path, value) => bodies.set(path, Buffer.from(JSON.stringify(value)));
answer(`${VISUALSNOOP}/collection?session=init`, { status: 200, message: 'OK', collection_id: COLLECTION });
for (const { word, fewWord, rows, few } of pages) {
  answer(`/images/search?url_contains=${word}`, rows);
  answer(`/images/search?url_contains=${fewWord}`, few);
  for (const row of rows) {
    const { content_hash: contentHash, perceptual_hash: hash } = row;
    answer(`/images/meta/${contentHash}`, row);
    answer(`/images/similar?perceptual_hash=${hash}`, lookAlikesOf(row));
    answer(`${VISUALSNOOP}/image/${contentHash}`, imageOf(row));
  }
}

function imageOf({ content_hash: id, created_at: time }) {
  return { status: 200, message: 'OK', collection_id: COLLECTION, image_id: id, image_time: `${time}Z` };
}

/** The words of imgcache, by which it is known. */
const NOT_FOUND = JSON.stringify({ detail: 'Not found' });

/** All look-alikes are within 4 bits, and so within any more. */
const DISTANCE = /&max_hamming_distance=\d+$/;

const server = createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
  const body = bodies.get(req.url.replace(DISTANCE, ''));
  if (!body) return void res.writeHead(404).end(NOT_FOUND);
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
});
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));

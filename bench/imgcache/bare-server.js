/** A bare server that gives every request the same answer, the first argument, and says nothing else of its own. */
import { createServer } from 'node:http';
import { print } from '../harness/report.js';

const body = process.argv[2] ?? '';
const server = createServer((_req, res) => {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  res.end(body);
});
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));

/** Hands every request on to the server named by the first argument, and its answer back as it comes. */
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { print } from '../harness/report.js';

const pool = new Pool(process.argv[2], { connections: 64 });
const server = createServer((req, res) => {
  const pass = ({ statusCode, headers }) => res.writeHead(statusCode, headers);
  pool.stream({ method: req.method, path: req.url }, pass).catch(() => res.destroy());
});
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));

/** A bare server that sends files of the folder in its first argument, by the SHA-256 of the path that is asked for. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { print } from '../harness/report.js';

const folder = process.argv[2] ?? '.';
const server = createServer(async (req, res) => {
  const path = join(
    folder,
    createHash('sha256')
      .update(req.url ?? '')
      .digest('hex'),
  );
  const { size } = await stat(path);
  res.writeHead(200, { 'content-type': 'image/webp', 'content-length': size });
  createReadStream(path).pipe(res);
});
server.listen(0, '127.0.0.1', () => print(`ready: http://127.0.0.1:${server.address().port}`));

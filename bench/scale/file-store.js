/** A process of its own: objects as files of the folder that is its argument, written durably. It checks nothing. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const folder = process.argv[2];
/** S3 has a tag for each object; nobody compares these. */
const TAG = { etag: '"0"' };

const METHODS = { PUT: put, GET: get, HEAD: head, DELETE: remove };

const server = createServer((request, response) => {
  const name = createHash('sha256').update(request.url).digest('hex');
  METHODS[request.method](join(folder, name.slice(0, 2), name), request, response).catch((error) => {
    if (error.code === 'ENOENT' && !response.headersSent)
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    else response.destroy(error);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready: http://127.0.0.1:${server.address().port}\n`);
});
process.once('SIGTERM', () => process.exit());

async function put(path, request, response) {
  await mkdir(join(path, '..'), { recursive: true });
  const file = await open(path, 'w');
  try {
    for await (const chunk of request) await file.write(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
  response.writeHead(200, TAG).end();
}

async function get(path, _request, response) {
  const { size } = await stat(path);
  response.writeHead(200, { ...TAG, 'content-length': size });
  await pipeline(createReadStream(path), response);
}

async function head(path, _request, response) {
  const { size } = await stat(path);
  response.writeHead(200, { ...TAG, 'content-length': size }).end();
}

async function remove(path, _request, response) {
  await rm(path, { force: true });
  response.writeHead(204).end();
}

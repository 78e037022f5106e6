import { createHash } from 'node:crypto';
import type { Behaviour } from './faulty-server.js';
import { s3Error } from './s3-behaviours.js';

/**
 * The few calls of S3 that a gateway makes while it serves, on a map. It believes every signature: what a server refuses is
 * shown with a real one.
 */
export class MemoryS3 {
  /** By path, with the bucket. */
  readonly objects = new Map<string, Buffer>();

  readonly behaviour: Behaviour = (exchange) => {
    const { request, response } = exchange;
    const path = decodeURIComponent(request.path.replace(/\?.*/s, ''));
    if (request.method === 'PUT') {
      this.objects.set(path, request.body);
      return void response.writeHead(200, { etag: tagOf(request.body), 'content-length': '0' }).end();
    }
    if (request.method === 'DELETE') {
      this.objects.delete(path);
      return void response.writeHead(204).end();
    }
    const object = this.objects.get(path);
    if (!object) return s3Error(404, 'NoSuchKey')(exchange);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const part = first === undefined ? object : object.subarray(Number(first), Number(last) + 1);
    response.writeHead(part === object ? 200 : 206, {
      etag: tagOf(object),
      'content-length': String(part.length),
      ...(part !== object && { 'content-range': `bytes ${first}-${last}/${object.length}` }),
    });
    response.end(part);
  };
}

function tagOf(object: Buffer): string {
  return `"${createHash('md5').update(object).digest('hex')}"`;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { RequestScope } from '../request/request-scope.js';
import { isContentHash } from '../services/content-hash.js';
import { ServiceError } from '../services/errors.js';
import type { ByteRange, ImgCache } from '../services/imgcache.js';
import { firstBytes } from './first-bytes.js';
import { sendJson } from './respond.js';

/**
 * Sent with every stored image. Anybody may have stored anything, an SVG or an HTML page with scripts too: the type is
 * not guessed from the bytes, and opened as a page they run nothing, load nothing and share no origin with the gateway.
 */
export const STORED_BYTES_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
} as const;

/**
 * Serves the bytes of imgcache's entries under `/files/{contentHash}`: what a hash names never changes.
 * Their head comes within the time of a request; how long the rest takes is up to the client.
 * @param isPublic caches on the way may serve them to others
 */
export async function serveFile(
  imgcache: ImgCache,
  req: IncomingMessage,
  res: ServerResponse,
  contentHash: string,
  { isPublic, scope }: { isPublic: boolean; scope: RequestScope },
): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('allow', 'GET, HEAD');
    return sendJson(res, 405, { error: 'Only GET and HEAD are answered here.' });
  }
  const signal = scope.reads('IMGCACHE');
  const [entry] = isContentHash(contentHash) ? await imgcache.getMeta([contentHash], signal) : [];
  if (!entry) return sendJson(res, 404, { error: 'There is no such file.' });

  const etag = `"${contentHash}"`;
  const size = entry.fileSizeBytes;
  const isNamed = (tag: string) => tag === '*' || tag === etag;
  if (!tagsOf(req.headers['if-match'] ?? '*').some(isNamed))
    return sendJson(res, 412, { error: `The file has the ETag ${etag}, and no other.` });
  // Only for responses that they are true of: a failure must not be kept for ever.
  const headers = new Headers({
    ...STORED_BYTES_HEADERS,
    etag,
    'cache-control': `${isPublic ? 'public' : 'private'}, max-age=31536000, immutable`,
    'accept-ranges': 'bytes',
  });
  // If-None-Match compares weakly.
  const known = tagsOf(req.headers['if-none-match'] ?? '').map((tag) => tag.replace(/^W\//, ''));
  if (known.some(isNamed)) return void res.setHeaders(headers).writeHead(304).end();

  const { 'if-range': ifRange = etag } = req.headers;
  const range = req.method === 'GET' && ifRange === etag ? readRange(req.headers.range, size) : undefined;
  if (range === 'UNSATISFIABLE') {
    res.setHeader('content-range', `bytes */${size}`);
    return sendJson(res, 416, { error: `The file has ${size} bytes.` });
  }
  headers.set('content-type', entry.contentType);
  headers.set('content-length', String(range ? range.end - range.start + 1 : size));
  if (range) headers.set('content-range', `bytes ${range.start}-${range.end}/${size}`);
  const status = range ? 206 : 200;
  if (req.method === 'HEAD') return void res.setHeaders(headers).writeHead(status).end();

  const bytes = await imgcache.getBytes(contentHash, range, signal, entry);
  scope.liftDeadline();
  if (!bytes) throw new Error(`The bytes of ${contentHash} are gone.`);
  if (bytes.fileSizeBytes !== size) {
    bytes.stream.destroy();
    throw otherBytes();
  }
  await firstBytes(bytes.stream);
  res.setHeaders(headers).writeHead(status);
  await pipeline(bytes.stream, res);
}

/** The error for bytes of another length than announced: the client would wait for ever, or take a part for the whole. */
function otherBytes(): ServiceError {
  const message = 'imgcache gave bytes of another length than it had told.';
  return new ServiceError(message, { service: 'IMGCACHE', code: 'BAD_RESPONSE', retryable: false });
}

function tagsOf(list: string): string[] {
  return list.split(',').map((tag) => tag.trim());
}

/** The range of bytes that a header asks for. Undefined for several ranges, or none that is valid: all is sent then. */
function readRange(header: string | undefined, size: number): ByteRange | 'UNSATISFIABLE' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  return start < size && (first !== '' || Number(last) > 0) ? { start, end } : 'UNSATISFIABLE';
}

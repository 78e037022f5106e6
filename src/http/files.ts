import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { isContentHash } from '../services/content-hash.js';
import type { ByteRange, ImgCache } from '../services/imgcache/api.js';
import type { SignalsOf } from '../services/request-signals.js';
import { STORED_BYTES_HEADERS } from '../services/stored-bytes-headers.js';
import { sendJson } from './answers.js';

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
  { isPublic, signalsOf }: { isPublic: boolean; signalsOf: SignalsOf },
): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('allow', 'GET, HEAD');
    return sendJson(res, 405, { error: 'Only GET and HEAD are answered here.' });
  }
  const signals = signalsOf(req, res);
  const signal = signals.reads('IMGCACHE');
  const [entry] = isContentHash(contentHash) ? await imgcache.getMeta([contentHash], signal) : [];
  if (!entry) return sendJson(res, 404, { error: 'There is no such file.' });

  const etag = `"${contentHash}"`;
  const size = entry.fileSizeBytes;
  res.setHeaders(
    new Headers({
      ...STORED_BYTES_HEADERS,
      etag,
      'cache-control': `${isPublic ? 'public' : 'private'}, max-age=31536000, immutable`,
      'accept-ranges': 'bytes',
    }),
  );
  if (matches(req.headers['if-none-match'], etag)) return void res.writeHead(304).end();

  const wantsRange = req.headers['if-range'] === undefined || req.headers['if-range'] === etag;
  const range = wantsRange ? readRange(req.headers.range, size) : undefined;
  res.setHeader('content-type', entry.contentType);
  if (range === 'UNSATISFIABLE') {
    res.setHeader('content-range', `bytes */${size}`);
    return sendJson(res, 416, { error: `The file has ${size} bytes.` });
  }
  res.statusCode = range ? 206 : 200;
  res.setHeader('content-length', range ? range.end - range.start + 1 : size);
  if (range) res.setHeader('content-range', `bytes ${range.start}-${range.end}/${size}`);
  if (req.method === 'HEAD') return void res.end();

  const bytes = await imgcache.getBytes(contentHash, range, signal);
  signals.liftDeadline();
  if (!bytes) throw new Error(`The bytes of ${contentHash} are gone.`);
  await pipeline(bytes.stream, res);
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

/** The first and last byte asked for. Undefined for several ranges, and for what is no range of bytes: all is sent. */
function readRange(header: string | undefined, size: number): ByteRange | 'UNSATISFIABLE' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  return start < size && (first !== '' || Number(last) > 0) ? { start, end } : 'UNSATISFIABLE';
}

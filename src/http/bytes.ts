import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { ByteRange } from '../services/entry.js';
import { HttpError } from './errors.js';
import { isKnown } from './etag.js';
import { firstBytes } from './first-bytes.js';
import { sendStream } from './send-stream.js';

/**
 * Sent with every stored image. Anybody may have stored anything, an SVG or an HTML page with scripts too: the type is
 * not guessed from the bytes, and opened as a page they run nothing, load nothing and share no origin with the gateway.
 */
export const STORED_BYTES_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
} as const;

type Headers = Record<string, string | number>;

/** Bytes that never change. */
export interface LastingBytes {
  /** With its quotes. */
  etag: string;
  contentType: string;
  size: number;
  /** Caches on the way may serve them to others. */
  isPublic: boolean;
  /** @throws what a response with a status can still tell */
  open(range?: ByteRange): Promise<Readable>;
}

/** The headers that are only for responses that they are true of: a failure must not be kept for ever. */
export function lastingHeaders({ etag, isPublic }: Pick<LastingBytes, 'etag' | 'isPublic'>): Headers {
  return {
    ...STORED_BYTES_HEADERS,
    etag,
    'cache-control': `${isPublic ? 'public' : 'private'}, max-age=31536000, immutable`,
  };
}

/**
 * Responds with 304 when the client has this version.
 * @returns whether it has responded
 * @throws HttpError 412 when it wants another one
 */
export function respondToVersions(
  req: IncomingMessage,
  res: ServerResponse,
  { etag, headers }: { etag: string; headers: Headers },
): boolean {
  if (!isWanted(req, etag)) throw new HttpError(412, `The file has the ETag ${etag}, and no other.`);
  if (!isKnown(req, etag)) return false;
  res.writeHead(304, headers).end();
  return true;
}

/**
 * Responds to GET and HEAD with bytes, or with a range of them.
 * @throws HttpError 412 and 416
 */
export async function serveBytes(
  req: IncomingMessage,
  res: ServerResponse,
  bytes: LastingBytes,
): Promise<void> {
  const { etag, size, contentType } = bytes;
  const headers = lastingHeaders(bytes);
  headers['accept-ranges'] = 'bytes';
  if (respondToVersions(req, res, { etag, headers })) return;

  const { 'if-range': ifRange = etag } = req.headers;
  const range = req.method === 'GET' && ifRange === etag ? readRange(req.headers.range, size) : undefined;
  if (range === 'UNSATISFIABLE')
    throw new HttpError(416, `The file has ${size} bytes.`, { 'content-range': `bytes */${size}` });
  headers['content-type'] = contentType;
  headers['content-length'] = range ? range.end - range.start + 1 : size;
  if (range) headers['content-range'] = `bytes ${range.start}-${range.end}/${size}`;
  const status = range ? 206 : 200;
  if (req.method === 'HEAD') return void res.writeHead(status, headers).end();

  const stream = await bytes.open(range);
  await firstBytes(stream);
  res.writeHead(status, headers);
  await sendStream(res, stream);
}

/** Whether a client takes what an ETag names, by `If-Match`, which compares strongly. */
function isWanted({ headers: { 'if-match': list = '*' } }: IncomingMessage, etag: string): boolean {
  return list.split(',').some((tag) => tag.trim() === '*' || tag.trim() === etag);
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

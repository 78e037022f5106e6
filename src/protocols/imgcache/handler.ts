import type { IncomingMessage, ServerResponse } from 'node:http';
import { expectedError, HttpError, unexpectedError } from '../../http/errors.js';
import { PLAIN_JSON, sendJson } from '../../http/respond.js';
import type { RequestScope } from '../../request/request-scope.js';
import type { ImgCache } from '../../services/imgcache.js';
import type { Staging } from '../../services/staged-image.js';
import { WireMetrics } from './metrics.js';
import { InvalidFields } from './problems.js';
import type { Operation } from './request.js';
import { ROUTES, redirect } from './routes.js';

export interface ImgCacheWireOptions {
  imgcache: ImgCache;
  staging: Staging;
  maxUploadBytes: number;
  /** Gets the errors whose response was a 500. */
  onError: (error: unknown, requestId?: string) => void;
}

/**
 * Serves one request.
 * @param path the still percent-encoded path below the mount, starting with a slash
 * @param visible the imgcache as whoever asks may see it; @default all of it
 */
export type ImgCacheWire = (
  req: IncomingMessage,
  res: ServerResponse,
  scope: RequestScope,
  path: string,
  visible?: ImgCache,
) => Promise<void>;

/**
 * Serves an imgcache over the REST protocol of the original server. Where that one is broken, this one is right; the
 * replay test lists every difference. The returned function always responds and never rejects.
 */
export function createImgCacheWire(options: ImgCacheWireOptions): ImgCacheWire {
  const { staging, maxUploadBytes } = options;
  const metrics = new WireMetrics();
  return async (req, res, scope, path, imgcache = options.imgcache) => {
    try {
      const { operation, segment } = findRoute(req, path);
      const mount = mountOf(req, path);
      // One literal: to spread the options into it takes as long as all else that is done here.
      await operation({ imgcache, staging, maxUploadBytes, metrics, req, res, scope, mount, segment });
    } catch (error) {
      const expected = expectedError(error);
      if (!expected && !scope.gone.aborted) options.onError(error, scope.id);
      if (res.headersSent) res.destroy();
      else sendError(res, expected ?? unexpectedError(error, 'Internal Server Error'));
    }
  };
}

function findRoute(req: IncomingMessage, path: string): { operation: Operation; segment: string } {
  const decoded = decodePath(path);
  let allowed: string | null = null;
  for (const { method, path: pattern, operation } of ROUTES) {
    const [named, segment = ''] = pattern.exec(decoded) ?? [];
    if (named === undefined) continue;
    if (method === req.method) return { operation, segment };
    allowed ??= method;
  }
  if (allowed) throw new HttpError(405, 'Method Not Allowed', { Allow: allowed });
  const trimmed = decoded.replace(/\/+$/, '');
  if (trimmed !== decoded && ROUTES.some((candidate) => candidate.path.test(trimmed)))
    return {
      operation: ({ res, mount }) => redirect(res, mount + encoded(trimmed) + queryPart(req)),
      segment: '',
    };
  throw new HttpError(404, 'Not Found');
}

/** Decodes a path. Bytes that are not UTF-8 become U+FFFD, as in the original, so that the path names nothing. */
function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/(?:%[\da-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

/** The path of the mount. The original makes whole addresses from the Host header, which anybody can write. */
function mountOf({ url = '' }: IncomingMessage, path: string): string {
  const query = url.indexOf('?');
  return url.slice(0, (query < 0 ? url.length : query) - path.length);
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The query with its question mark; empty where there is none. */
function queryPart({ url = '' }: IncomingMessage): string {
  return url.includes('?') ? url.slice(url.indexOf('?')) : '';
}

/** Sends an error in the form of the original, as FastAPI writes it. */
function sendError(res: ServerResponse, error: HttpError): void {
  const detail = error instanceof InvalidFields ? error.problems : error.message;
  sendJson(res, error.status, { detail }, { ...PLAIN_JSON, ...error.headers });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestOf } from '../../request/gateway-request.js';
import { goneSignal } from '../../request/gone-signal.js';
import { HTTP_STATUS_OF, ServiceError } from '../../services/errors.js';
import type { ImgCache } from '../../services/imgcache.js';
import { type Staging, TooManyBytesError } from '../../services/staged-image.js';
import { isStorageFull, STORAGE_FULL_MESSAGE } from '../../services/storage-full.js';
import { WireMetrics } from './metrics.js';
import { type Operation, ROUTES, redirect } from './operations.js';
import { WireProblem } from './problems.js';
import { sendJson } from './responses.js';

export interface ImgCacheWireOptions {
  imgcache: ImgCache;
  staging: Staging;
  maxUploadBytes: number;
  /** Takes what was answered with 500. */
  onError: (error: unknown, requestId?: string) => void;
}

/** @param path the still percent-encoded path below the mount, starting with a slash */
export type ImgCacheWire = (req: IncomingMessage, res: ServerResponse, path: string) => Promise<void>;

/**
 * Serves an imgcache over the REST protocol of the original server. Where that one is broken, this one is right; the
 * replay test lists every difference. The returned function always answers and never rejects.
 */
export function createImgCacheWire(options: ImgCacheWireOptions): ImgCacheWire {
  const metrics = new WireMetrics();
  return async (req, res, path) => {
    const signal = goneSignal(res);
    try {
      const { operation, segment } = findRoute(req, path);
      const mount = mountOf(req, path);
      await operation({ ...options, metrics, req, res, signal, mount, segment });
    } catch (error) {
      const problem = problemOf(error);
      if (!problem && !signal.aborted) options.onError(error, requestOf(signal)?.id);
      if (res.headersSent) res.destroy();
      else sendProblem(res, problem ?? unexpected(error));
    } finally {
      discardBody(req, options.maxUploadBytes);
    }
  };
}

function findRoute(req: IncomingMessage, path: string): { operation: Operation; segment: string } {
  const decoded = decodePath(path);
  const routes = ROUTES.filter((route) => route.path.test(decoded));
  const route = routes.find(({ method }) => method === req.method);
  if (route) return { operation: route.operation, segment: route.path.exec(decoded)?.[1] ?? '' };
  if (routes[0]) throw new WireProblem(405, 'Method Not Allowed', { Allow: routes[0].method });
  const trimmed = decoded.replace(/\/+$/, '');
  if (trimmed !== decoded && ROUTES.some((candidate) => candidate.path.test(trimmed)))
    return {
      operation: ({ res, mount }) => redirect(res, mount + encoded(trimmed) + queryPart(req)),
      segment: '',
    };
  throw new WireProblem(404, 'Not Found');
}

/** What is not UTF-8 becomes U+FFFD, as in the original, so that it names nothing. */
function decodePath(path: string): string {
  return path.replace(/(?:%[\da-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

/** Only a path: the original makes addresses from the Host header, which anybody can write. */
function mountOf({ url = '' }: IncomingMessage, path: string): string {
  const pathname = url.replace(/\?.*/s, '');
  return pathname.slice(0, pathname.length - path.length);
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** With the question mark; empty where there is none. */
function queryPart({ url = '' }: IncomingMessage): string {
  return url.includes('?') ? url.slice(url.indexOf('?')) : '';
}

/** Null for what nobody expected. */
function problemOf(error: unknown): WireProblem | null {
  if (error instanceof WireProblem) return error;
  if (error instanceof TooManyBytesError) return new WireProblem(413, error.message);
  if (error instanceof ServiceError) return new WireProblem(HTTP_STATUS_OF[error.code], error.message);
  return null;
}

/** 507 where an operator has to make room. */
function unexpected(error: unknown): WireProblem {
  return isStorageFull(error)
    ? new WireProblem(507, STORAGE_FULL_MESSAGE)
    : new WireProblem(500, 'Internal Server Error');
}

function sendProblem(res: ServerResponse, { status, detail, headers }: WireProblem): void {
  sendJson(res, status, { detail }, headers);
}

/**
 * Reads on without use when the answer came before the end of the body: many clients read no answer before they have
 * sent everything, and the connection can then carry the next request. Too much of it ends the connection.
 */
function discardBody(req: IncomingMessage, maxBytes: number): void {
  if (req.readableEnded || req.destroyed) return;
  let left = maxBytes;
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) req.destroy();
  });
  req.resume();
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestOf } from '../gateway-request.js';
import { goneSignal } from '../gone-signal.js';
import { lastingSignal } from '../lasting-signal.js';
import { HTTP_STATUS_OF, ServiceError } from '../service.js';
import { type Staging, TooManyBytesError } from '../staged-image.js';
import { isStorageFull, STORAGE_FULL_MESSAGE } from '../storage-full.js';
import type { ImgCache } from './api.js';
import { sendImage, sendJson, sendJsonArray, sendNoContent, toWireEntry } from './wire-answers.js';
import { StoreForm } from './wire-form.js';
import { WireProblem } from './wire-problems.js';
import { type Page, queryOf, readLookupQuery, readSearchQuery, readSimilarQuery } from './wire-query.js';

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
  return async (req, res, path) => {
    const signal = goneSignal(res);
    try {
      const { operation, segment } = findRoute(req, path);
      await operation({ ...options, req, res, signal }, segment);
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

interface Exchange extends ImgCacheWireOptions {
  req: IncomingMessage;
  res: ServerResponse;
  /** Aborted when the client has gone. */
  signal: AbortSignal;
}

type Operation = (exchange: Exchange, segment: string) => void | Promise<void>;

interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** Matched against the decoded path. */
  path: RegExp;
  operation: Operation;
}

/** In the order of the original: the first one with the path and the method answers. */
const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/images\/meta\/([^/]+)$/, operation: getMeta },
  { method: 'GET', path: /^\/images\/lookup$/, operation: lookup },
  { method: 'GET', path: /^\/images\/search$/, operation: search },
  { method: 'GET', path: /^\/images\/similar$/, operation: similar },
  { method: 'GET', path: /^\/images\/([^/]+)$/, operation: getImage },
  { method: 'DELETE', path: /^\/images\/([^/]+)$/, operation: deleteImage },
  { method: 'POST', path: /^\/images$/, operation: storeImage },
  { method: 'GET', path: /^\/health$/, operation: health },
];

function findRoute(req: IncomingMessage, path: string): { operation: Operation; segment: string } {
  const decoded = decodePath(path);
  const routes = ROUTES.filter((route) => route.path.test(decoded));
  const route = routes.find(({ method }) => method === req.method);
  if (route) return { operation: route.operation, segment: route.path.exec(decoded)?.[1] ?? '' };
  if (routes[0]) throw new WireProblem(405, 'Method Not Allowed', { Allow: routes[0].method });
  const trimmed = decoded.replace(/\/+$/, '');
  if (trimmed !== decoded && ROUTES.some((candidate) => candidate.path.test(trimmed)))
    return { operation: ({ res }) => redirect(res, locationOf(req, path, trimmed)), segment: '' };
  throw new WireProblem(404, 'Not Found');
}

/** What is not UTF-8 becomes U+FFFD, as in the original, so that it names nothing. */
function decodePath(path: string): string {
  return path.replace(/(?:%[\da-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

/** Only a path: the original makes an address from the Host header, which anybody can write. */
function locationOf({ url = '' }: IncomingMessage, path: string, target: string): string {
  const [pathname = '', ...query] = url.replace(/^[a-z]+:\/\/[^/]*/i, '').split(/(?=\?)/);
  const mount = pathname.slice(0, pathname.length - path.length);
  return mount + target.split('/').map(encodeURIComponent).join('/') + query.join('');
}

function redirect(res: ServerResponse, location: string): void {
  res.writeHead(307, { Location: location, 'Content-Length': 0 });
  res.end();
}

const HASH = /^[0-9a-f]{64}$/;
const notFound = () => new WireProblem(404, 'Not found');

async function getMeta({ imgcache, res, signal }: Exchange, hash: string): Promise<void> {
  const [entry] = HASH.test(hash) ? await imgcache.getMeta([hash], signal) : [];
  if (!entry) throw notFound();
  sendJson(res, 200, toWireEntry(entry));
}

async function lookup({ imgcache, req, res, signal }: Exchange): Promise<void> {
  const [entry] = await imgcache.lookup([readLookupQuery(queryOf(req.url ?? ''))], signal);
  if (!entry) throw notFound();
  sendJson(res, 200, toWireEntry(entry));
}

async function search({ imgcache, req, res, signal }: Exchange): Promise<void> {
  const { urlContains, page } = readSearchQuery(queryOf(req.url ?? ''));
  const entries = imgcache.search({ filter: { urlContains }, order: 'OLDEST_FIRST', ...upTo(page) }, signal);
  await sendJsonArray(res, rowsFrom(page, entries, toWireEntry));
}

async function similar({ imgcache, req, res, signal }: Exchange): Promise<void> {
  const { perceptualHash, maxHammingDistance, excessBits, page } = readSimilarQuery(queryOf(req.url ?? ''));
  if (maxHammingDistance < 0) return sendJson(res, 200, []);
  const matches = imgcache.similar({ perceptualHash, maxHammingDistance, ...upTo(page) }, signal);
  const rows = rowsFrom(page, matches, ({ entry, hammingDistance }) => ({
    ...toWireEntry(entry),
    hamming_distance: hammingDistance + excessBits,
  }));
  await sendJsonArray(res, rows);
}

function upTo({ offset, limit }: Page): { limit?: number } {
  return limit === undefined ? {} : { limit: Math.min(offset + limit, Number.MAX_SAFE_INTEGER) };
}

async function* rowsFrom<T, Row>(
  { offset }: Page,
  batches: AsyncIterable<readonly T[]>,
  toRow: (item: T) => Row,
): AsyncGenerator<Row[]> {
  let toSkip = offset;
  for await (const batch of batches) {
    yield batch.slice(toSkip).map(toRow);
    toSkip = Math.max(0, toSkip - batch.length);
  }
}

async function getImage({ imgcache, res, signal }: Exchange, hash: string): Promise<void> {
  const bytes = HASH.test(hash) ? await imgcache.getBytes(hash, undefined, signal) : null;
  if (!bytes) throw notFound();
  await sendImage(res, bytes);
}

/** Once begun it finishes, also when the client has gone. */
async function deleteImage({ imgcache, res, signal }: Exchange, hash: string): Promise<void> {
  if (!HASH.test(hash) || !(await imgcache.delete(hash, lastingSignal(signal)))) throw notFound();
  sendNoContent(res);
}

/** Receiving stops when the client has gone; once everything is there, the image is stored in any case. */
async function storeImage(exchange: Exchange): Promise<void> {
  await using form = await StoreForm.receive(exchange.req, exchange);
  const { image, origin } = form.read();
  const { entry, status } = await exchange.imgcache.store(image, origin, lastingSignal(exchange.signal));
  sendJson(exchange.res, status === 'CREATED' ? 201 : 200, toWireEntry(entry));
}

async function health({ imgcache, res, signal }: Exchange): Promise<void> {
  await imgcache.health(signal);
  sendJson(res, 200, { status: 'ok' });
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

import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from '../../http/errors.js';
import { PLAIN_JSON, sendJson, sendText } from '../../http/respond.js';
import type { RequestScope } from '../../request/request-scope.js';
import { inBucket } from '../../services/bucket.js';
import { isContentHash } from '../../services/content-hash.js';
import type { Entry, ImgCache } from '../../services/imgcache.js';
import type { Staging } from '../../services/staged-image.js';
import type { WireEntry } from '../../services/wire-entry.js';
import { StoreForm } from './form.js';
import type { WireMetrics } from './metrics.js';
import { openApi } from './openapi.js';
import { InvalidFields, noBuckets } from './problems.js';
import {
  type Page,
  queryOf,
  readBucket,
  readLookupQuery,
  readMetaQuery,
  readSearchQuery,
  readSimilarQuery,
} from './query.js';
import { sendImage, sendJsonArray, sendNoContent, toWireEntry } from './responses.js';

/** A request, and all that an operation needs to serve it. */
export interface WireRequest {
  imgcache: ImgCache;
  staging: Staging;
  maxUploadBytes: number;
  metrics: WireMetrics;
  req: IncomingMessage;
  res: ServerResponse;
  scope: RequestScope;
  /** The path that the protocol is served below, without a slash at the end. */
  mount: string;
  /** The segment of the path that names an image; empty where there is none. */
  segment: string;
}

export type Operation = (request: WireRequest) => void | Promise<void>;

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** Matched against the decoded path. */
  path: RegExp;
  operation: Operation;
}

/** The routes in the order of the original: the first one with the path and the method responds. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/images\/meta\/([^/]+)$/, operation: ofBucket(getMeta) },
  { method: 'GET', path: /^\/images\/lookup$/, operation: ofBucket(lookup) },
  { method: 'GET', path: /^\/images\/search$/, operation: ofBucket(search) },
  { method: 'GET', path: /^\/images\/similar$/, operation: ofBucket(similar) },
  { method: 'GET', path: /^\/images\/([^/]+)$/, operation: ofBucket(getImage) },
  { method: 'DELETE', path: /^\/images\/([^/]+)$/, operation: ofBucket(deleteImage) },
  { method: 'POST', path: /^\/images$/, operation: storeImage },
  { method: 'GET', path: /^\/health$/, operation: health },
  { method: 'GET', path: /^\/metrics$/, operation: showMetrics },
  {
    method: 'GET',
    path: /^\/openapi\.json$/,
    operation: ({ res, mount }) => sendJson(res, 200, openApi(mount), PLAIN_JSON),
  },
  { method: 'GET', path: /^\/docs$/, operation: ({ res, mount }) => redirect(res, `${mount}/openapi.json`) },
];

/** Clients refuse responses with a longer head. */
const MAX_LOCATION_LENGTH = 8192;

export function redirect(res: ServerResponse, location: string): void {
  if (location.length > MAX_LOCATION_LENGTH) throw new HttpError(404, 'Not Found');
  res.writeHead(307, { Location: location, 'Content-Length': 0 });
  res.end();
}

/** Serves the bucket that a request names, and no other: a client that means some of the entries must not read or change all. */
function ofBucket(operation: Operation): Operation {
  return (request) => {
    const bucket = readBucket(queryOf(request.req.url ?? ''));
    return operation({ ...request, imgcache: bucketOf(request.imgcache, bucket, 'query') });
  };
}

/** @throws InvalidFields for the name of a bucket where there are none */
function bucketOf(imgcache: ImgCache, bucket: string | undefined, place: 'query' | 'body'): ImgCache {
  if (bucket !== undefined && !imgcache.inBucket)
    throw new InvalidFields([noBuckets([place, 'bucket'], bucket)]);
  return inBucket(imgcache, bucket);
}

const notFound = () => new HttpError(404, 'Not found');

/** A response has the URLs of an entry unless they are more: a picture can be at a million of them. */
const MAX_TOLD_URLS = 10;

async function wireEntriesOf(
  entries: readonly Entry[],
  { imgcache, scope }: WireRequest,
): Promise<WireEntry[]> {
  const urls = await imgcache.getFewUrls(entries, MAX_TOLD_URLS, scope.reads('IMGCACHE'));
  return entries.map((entry, index) => toWireEntry(entry, urls[index]!));
}

async function wireEntryOf(entry: Entry, request: WireRequest): Promise<WireEntry> {
  const [row] = await wireEntriesOf([entry], request);
  return row!;
}

async function getMeta(request: WireRequest): Promise<void> {
  const { imgcache, req, res, scope, segment: hash } = request;
  const { allUrls } = readMetaQuery(queryOf(req.url ?? ''));
  const [entry] = isContentHash(hash) ? await imgcache.getMeta([hash], scope.reads('IMGCACHE')) : [];
  if (!entry) throw notFound();
  if (!allUrls) return sendJson(res, 200, await wireEntryOf(entry, request), PLAIN_JSON);
  const [urls] = await imgcache.getUrls([hash], scope.reads('IMGCACHE'));
  sendJson(res, 200, { ...toWireEntry(entry, []), urls }, PLAIN_JSON);
}

async function lookup(request: WireRequest): Promise<void> {
  const { imgcache, metrics, req, res, scope } = request;
  const [entry] = await imgcache.lookup([readLookupQuery(queryOf(req.url ?? ''))], scope.reads('IMGCACHE'));
  metrics.onLookup(Boolean(entry));
  if (!entry) throw notFound();
  sendJson(res, 200, await wireEntryOf(entry, request), PLAIN_JSON);
}

async function search(request: WireRequest): Promise<void> {
  const { imgcache, req, res, scope } = request;
  const { filter, page } = readSearchQuery(queryOf(req.url ?? ''));
  const entries = imgcache.search({ filter, order: 'OLDEST_FIRST', ...upTo(page) }, scope.reads('IMGCACHE'));
  await sendJsonArray(
    res,
    pageOf(page, scope, entries, (batch) => wireEntriesOf(batch, request)),
  );
}

async function similar(request: WireRequest): Promise<void> {
  const { imgcache, metrics, req, res, scope } = request;
  const { perceptualHash, maxHammingDistance, excessBits, page } = readSimilarQuery(queryOf(req.url ?? ''));
  metrics.onSimilar();
  if (maxHammingDistance < 0) return sendJson(res, 200, [], PLAIN_JSON);
  const matches = imgcache.similar(
    { perceptualHash, maxHammingDistance, ...upTo(page) },
    scope.reads('IMGCACHE'),
  );
  const rows = pageOf(page, scope, matches, async (batch) => {
    const entries = batch.map(({ entry }) => entry);
    const distances = batch.map(({ hammingDistance }) => hammingDistance + excessBits);
    return (await wireEntriesOf(entries, request)).map((row, i) => ({
      ...row,
      hamming_distance: distances[i]!,
    }));
  });
  await sendJsonArray(res, rows);
}

function upTo({ offset, limit }: Page): { limit?: number } {
  return limit === undefined ? {} : { limit: Math.min(offset + limit, Number.MAX_SAFE_INTEGER) };
}

/** The entries of a page, batch by batch. */
async function* pageOf<T>(
  { offset }: Page,
  scope: RequestScope,
  batches: AsyncIterable<readonly T[]>,
  toWire: (batch: readonly T[]) => Promise<WireEntry[]>,
): AsyncGenerator<WireEntry[]> {
  let toSkip = offset;
  for await (const batch of batches) {
    const rows = await toWire(batch.slice(toSkip));
    // The time of a request is over when its response begins: how long the rest takes is up to the client.
    scope.liftDeadline();
    yield rows;
    toSkip = Math.max(0, toSkip - batch.length);
  }
}

async function getImage({ imgcache, res, scope, segment: hash }: WireRequest): Promise<void> {
  const bytes = isContentHash(hash)
    ? await imgcache.getBytes(hash, undefined, scope.reads('IMGCACHE'))
    : null;
  if (!bytes) throw notFound();
  // How long the rest takes is up to the client.
  scope.liftDeadline();
  await sendImage(res, bytes);
}

/** Deletes an image; once begun it finishes, also when the client has disconnected. */
async function deleteImage({ imgcache, res, scope, segment: hash }: WireRequest): Promise<void> {
  if (!isContentHash(hash) || !(await imgcache.delete(hash, scope.changes('IMGCACHE')))) throw notFound();
  sendNoContent(res);
}

/** Stores an image. Receiving stops when the client has disconnected; once all is received, it is stored in any case. */
async function storeImage(request: WireRequest): Promise<void> {
  // Refused before the bytes are received.
  const queried = bucketOf(request.imgcache, readBucket(queryOf(request.req.url ?? '')), 'query');
  await using form = await StoreForm.receive(request.req, request);
  const { image, origin, bucket } = form.read();
  const imgcache = bucket === undefined ? queried : bucketOf(request.imgcache, bucket, 'body');
  const { entry, status } = await imgcache.store(image, origin, request.scope.changes('IMGCACHE'));
  request.metrics.onStore(entry, status);
  const row = await wireEntryOf(entry, { ...request, imgcache });
  sendJson(request.res, status === 'CREATED' ? 201 : 200, { ...row, status }, PLAIN_JSON);
}

async function health({ imgcache, res, scope }: WireRequest): Promise<void> {
  await imgcache.health(scope.reads('IMGCACHE'));
  sendJson(res, 200, { status: 'ok' }, PLAIN_JSON);
}

async function showMetrics({ metrics, res }: WireRequest): Promise<void> {
  const { text, contentType } = await metrics.show();
  sendText(res, 200, text, contentType);
}

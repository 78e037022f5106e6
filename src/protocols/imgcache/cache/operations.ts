import { serveBytes } from '../../../http/bytes.js';
import { entryOpener } from '../../../http/entry-bytes.js';
import { HttpError } from '../../../http/errors.js';
import { PLAIN_JSON, sendJson } from '../../../http/respond.js';
import type { CallSignal } from '../../../services/call-signal.js';
import type { Entry } from '../../../services/entry.js';
import type { ImgCache } from '../../../services/imgcache.js';
import { sendSearch, sendSimilar } from '../lists.js';
import { readBucket, readLookupQuery, readMetaQuery } from '../query.js';
import { queryOf } from '../query-reader.js';
import { notFound, type Route, type WireRequest } from '../request.js';
import { sendNoContent } from '../responses.js';
import { browse, listBuckets, listPrefixes } from './browse.js';
import { openBucket, openSearches } from './buckets.js';
import { toWholeEntry, toWireEntries } from './entries.js';
import { contentHashOf, wireHashesOf } from './names.js';
import { readVersionQuery, type VersionQuery } from './query.js';
import { storeImage } from './store.js';

/** The routes of the newer protocol, in the order of the original. */
export const CACHE_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/cache\/meta\/([^/]+)$/, operation: getMeta },
  { method: 'GET', path: /^\/cache\/lookup$/, operation: lookup },
  { method: 'GET', path: /^\/cache\/search$/, operation: (request) => list(request, sendSearch) },
  { method: 'GET', path: /^\/cache\/similar$/, operation: (request) => list(request, sendSimilar) },
  { method: 'GET', path: /^\/cache\/resolve$/, operation: resolve },
  { method: 'GET', path: /^\/cache\/serve\/([^/]+)$/, operation: serve },
  { method: 'HEAD', path: /^\/cache\/serve\/([^/]+)$/, operation: serve },
  { method: 'GET', path: /^\/cache\/([^/]+)$/, operation: serve },
  { method: 'DELETE', path: /^\/cache\/([^/]+)$/, operation: deleteImage },
  { method: 'POST', path: /^\/cache$/, operation: storeImage },
  { method: 'GET', path: /^\/browse\/buckets$/, operation: listBuckets },
  { method: 'GET', path: /^\/browse\/prefixes$/, operation: listPrefixes },
  { method: 'GET', path: /^\/browse$/, operation: browse },
];

/**
 * The bucket of a request that names an image, which is the empty one where none is named, and the content hash that the
 * service has for the image; null where the name can be none.
 */
async function openNamed({ imgcache, req, scope, segment }: WireRequest) {
  const signal = scope.reads('IMGCACHE');
  const bucket = await openBucket(imgcache, readBucket(queryOf(req.url ?? '')) ?? '', signal);
  return { bucket, contentHash: await contentHashOf(imgcache, segment, signal) };
}

/** @throws HttpError 404 */
async function findNamed(request: WireRequest) {
  const { bucket, contentHash } = await openNamed(request);
  const signal = request.scope.reads('IMGCACHE');
  const [entry] = contentHash === null ? [] : await bucket.imgcache.getMeta([contentHash], signal);
  if (!entry) throw notFound();
  return { bucket, entry };
}

async function getMeta(request: WireRequest): Promise<void> {
  const { imgcache, req, res, scope } = request;
  const { allUrls } = readMetaQuery(queryOf(req.url ?? ''));
  const { bucket, entry } = await findNamed(request);
  const source = { imgcache, bucket: bucket.name, signal: scope.reads('IMGCACHE') };
  const [row] = allUrls ? [await toWholeEntry(entry, source)] : await toWireEntries([entry], source);
  sendJson(res, 200, row, PLAIN_JSON);
}

async function lookup({ imgcache, metrics, req, res, scope }: WireRequest): Promise<void> {
  const query = queryOf(req.url ?? '');
  const asked = readVersionQuery(query);
  const signal = scope.reads('IMGCACHE');
  const { bucket, searches } = await openSearches(imgcache, readBucket(query), signal);
  const entry =
    'version' in asked
      ? await findVersion(imgcache, asked.version, signal)
      : (await searches.lookup([asked.url], signal))[0];
  const problem = lookupProblem(entry, asked);
  metrics.onLookup(problem === null);
  if (!entry || problem !== null) throw new HttpError(404, problem ?? 'Not found');
  const [row] = await toWireEntries([entry], { imgcache, bucket, signal });
  sendJson(res, 200, row, PLAIN_JSON);
}

/** The entry of bytes: where several buckets have one, the newest. */
async function findVersion(
  imgcache: ImgCache,
  version: string,
  signal: CallSignal,
): Promise<Entry | null | undefined> {
  const contentHash = await contentHashOf(imgcache, version, signal);
  if (contentHash === null) return null;
  const found = imgcache.acrossBuckets
    ? await imgcache.acrossBuckets().find(contentHash, signal)
    : await imgcache.getMeta([contentHash], signal);
  return found[0];
}

/** Why an entry is not the one that was asked for, in the words of the original; null when it is. */
function lookupProblem(entry: Entry | null | undefined, asked: VersionQuery): string | null {
  if ('version' in asked) return entry ? null : 'Version not found';
  if (!entry) return 'Not found';
  const { createdAt, retrievedAt } = entry;
  const age = (Date.now() - Date.parse(retrievedAt ?? createdAt)) / 1000;
  return asked.maxAge !== undefined && age > asked.maxAge ? 'Cache entry exceeds max_age' : null;
}

/** Sends a list of the entries of a bucket, or of all buckets. */
async function list(request: WireRequest, send: typeof sendSearch | typeof sendSimilar): Promise<void> {
  const { imgcache, req, scope } = request;
  const signal = scope.reads('IMGCACHE');
  const { bucket, searches } = await openSearches(imgcache, readBucket(queryOf(req.url ?? '')), signal);
  await send(request, searches, (entries) => toWireEntries(entries, { imgcache, bucket, signal }));
}

async function resolve({ imgcache, req, res, scope }: WireRequest): Promise<void> {
  const query = queryOf(req.url ?? '');
  const url = readLookupQuery(query);
  const signal = scope.reads('IMGCACHE');
  const { searches } = await openSearches(imgcache, readBucket(query), signal);
  const [entry] = await searches.lookup([url], signal);
  if (!entry) throw new HttpError(404, 'URL not found');
  const [hash] = await wireHashesOf(imgcache, [entry.contentHash], signal);
  sendJson(res, 200, { hash, url }, PLAIN_JSON);
}

/** Serves the bytes of an image, as versions that clients may keep, and in ranges. */
async function serve(request: WireRequest): Promise<void> {
  const { req, res, scope, segment: hash } = request;
  const { bucket, entry } = await findNamed(request);
  await serveBytes(req, res, {
    etag: `"${hash}"`,
    contentType: entry.contentType,
    size: entry.fileSizeBytes,
    isPublic: scope.caller === null,
    open: entryOpener(bucket.imgcache, entry, scope),
  });
}

/** Deletes an image from its bucket; once begun it finishes, also when the client has disconnected. */
async function deleteImage(request: WireRequest): Promise<void> {
  const { bucket, contentHash } = await openNamed(request);
  const signal = request.scope.changes('IMGCACHE');
  if (contentHash === null || !(await bucket.imgcache.delete(contentHash, signal))) throw notFound();
  sendNoContent(request.res);
}

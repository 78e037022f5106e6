import { PLAIN_JSON, sendJson } from '../../../http/respond.js';
import { inBucket } from '../../../services/bucket.js';
import { isContentHash } from '../../../services/content-hash.js';
import type { Entry } from '../../../services/entry.js';
import type { EntryOrigin } from '../../../services/entry-origin.js';
import type { ImgCache } from '../../../services/imgcache.js';
import type { WireEntry } from '../../../services/wire-entry.js';
import { StoreForm } from '../form.js';
import { sendSearch, sendSimilar } from '../lists.js';
import { InvalidFields, noBuckets } from '../problems.js';
import { readBucket, readLookupQuery, readMetaQuery } from '../query.js';
import { queryOf } from '../query-reader.js';
import { MAX_TOLD_URLS, notFound, type Operation, type Route, type WireRequest } from '../request.js';
import { sendNoContent } from '../responses.js';
import { sendImage, toWireEntry } from './responses.js';

/** The routes in the order of the original: the first one with the path and the method responds. */
export const IMAGES_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/images\/meta\/([^/]+)$/, operation: ofBucket(getMeta) },
  { method: 'GET', path: /^\/images\/lookup$/, operation: ofBucket(lookup) },
  { method: 'GET', path: /^\/images\/search$/, operation: ofBucket(search) },
  { method: 'GET', path: /^\/images\/similar$/, operation: ofBucket(similar) },
  { method: 'GET', path: /^\/images\/([^/]+)$/, operation: ofBucket(getImage) },
  { method: 'DELETE', path: /^\/images\/([^/]+)$/, operation: ofBucket(deleteImage) },
  { method: 'POST', path: /^\/images$/, operation: storeImage },
];

/** Serves the bucket that a request names, and no other: a client that means some of the entries must not read or change all. */
function ofBucket(operation: Operation): Operation {
  return (request) => {
    const imgcache = bucketOf(request.imgcache, readBucket(queryOf(request.req.url ?? '')), 'query');
    return operation(imgcache === request.imgcache ? request : { ...request, imgcache });
  };
}

/**
 * The empty bucket is none: clients send it that name none.
 * @throws InvalidFields for the name of a bucket where there are none
 */
function bucketOf(imgcache: ImgCache, bucket: string | undefined, place: 'query' | 'body'): ImgCache {
  if (!bucket) return imgcache;
  if (!imgcache.inBucket) throw new InvalidFields([noBuckets([place, 'bucket'], bucket)]);
  return inBucket(imgcache, bucket);
}

async function wireEntriesOf(
  entries: readonly Entry[],
  { imgcache, scope }: WireRequest,
): Promise<WireEntry[]> {
  const urls = await imgcache.getFewUrls(entries, MAX_TOLD_URLS, scope.reads('IMGCACHE'));
  return entries.map((entry, index) => toWireEntry(entry, urls[index]!));
}

async function wireEntryOf(entry: Entry, { imgcache, scope }: WireRequest): Promise<WireEntry> {
  const [urls] = await imgcache.getFewUrls([entry], MAX_TOLD_URLS, scope.reads('IMGCACHE'));
  return toWireEntry(entry, urls!);
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

function search(request: WireRequest): Promise<void> {
  return sendSearch(request, request.imgcache, (entries) => wireEntriesOf(entries, request));
}

function similar(request: WireRequest): Promise<void> {
  return sendSimilar(request, request.imgcache, (entries) => wireEntriesOf(entries, request));
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

const STORE_FIELDS = new Set(['url', 'client_name', 'lookup_time', 'bucket']);

/** @throws InvalidFields */
function readStore(form: StoreForm) {
  form.file();
  const [url, clientName, lookupTime] = [form.url(), form.text('client_name'), form.time('lookup_time')];
  const [filename, bucket] = [form.filename(), form.bucket()];
  const origin: EntryOrigin = {
    url,
    clientName,
    ...(lookupTime && { lookupTime }),
    ...(filename && { filename }),
  };
  return { image: form.checked(), origin, bucket };
}

/** Stores an image. Receiving stops when the client has disconnected; once all is received, it is stored in any case. */
async function storeImage(request: WireRequest): Promise<void> {
  // Refused before the bytes are received.
  const queried = bucketOf(request.imgcache, readBucket(queryOf(request.req.url ?? '')), 'query');
  await using form = await StoreForm.receive(request.req, request, STORE_FIELDS);
  const { image, origin, bucket } = readStore(form);
  const imgcache = bucket === undefined ? queried : bucketOf(request.imgcache, bucket, 'body');
  const { entry, status } = await imgcache.store(image, origin, request.scope.changes('IMGCACHE'));
  request.metrics.onStore(entry, status);
  const row = await wireEntryOf(entry, { ...request, imgcache });
  sendJson(request.res, status === 'CREATED' ? 201 : 200, { ...row, status }, PLAIN_JSON);
}

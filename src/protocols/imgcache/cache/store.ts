import { HttpError } from '../../../http/errors.js';
import { PLAIN_JSON, sendJson } from '../../../http/respond.js';
import type { CallSignal } from '../../../services/call-signal.js';
import { type EntryOrigin, RefusedImageError } from '../../../services/entry-origin.js';
import { contentHashAt, type ImgCache } from '../../../services/imgcache.js';
import type { StagedImage } from '../../../services/staged-image.js';
import { StoreForm } from '../form.js';
import { readBucket } from '../query.js';
import { queryOf } from '../query-reader.js';
import type { WireRequest } from '../request.js';
import { openBucket } from './buckets.js';
import { toWireEntries } from './entries.js';
import { readMeta, readPrefix } from './notes.js';

const FIELDS = new Set(['url', 'client_name', 'content_hash', 'bucket', 'prefix', 'meta', 'lookup_time']);

/** Stores an image. Receiving stops when the client has disconnected; once all is received, it is stored in any case. */
export async function storeImage(request: WireRequest): Promise<void> {
  const { req, res, scope, metrics, imgcache } = request;
  const signal = scope.changes('IMGCACHE');
  const queried = readBucket(queryOf(req.url ?? ''));
  // Refused before the bytes are received.
  if (queried) await openBucket(imgcache, queried, signal);
  await using form = await StoreForm.receive(req, request, FIELDS);
  const { image, origin, contentHash, bucket = queried ?? '' } = readStore(form);
  const opened = await openBucket(imgcache, bucket, signal, ['body', 'bucket']);
  if ((await image.blake3()) !== contentHash)
    throw new HttpError(422, 'content_hash does not match uploaded content');
  const { entry, status } = await storeChecked(opened.imgcache, image, origin, signal);
  metrics.onStore(entry, status);
  const [row] = await toWireEntries([entry], { imgcache, bucket, signal });
  sendJson(res, status === 'CREATED' ? 201 : 200, { ...row, status }, PLAIN_JSON);
}

/** @throws InvalidFields */
function readStore(form: StoreForm) {
  form.file();
  const [url, clientName, contentHash] = [form.url(), form.text('client_name'), form.text('content_hash')];
  const bucket = form.bucket();
  const prefix = form.read('prefix', readPrefix);
  const meta = form.read('meta', readMeta);
  const lookupTime = form.time('lookup_time');
  const filename = form.filename();
  const origin: EntryOrigin = {
    url,
    clientName,
    notesRetrieval: true,
    ...(prefix !== undefined && { prefix }),
    ...(meta !== undefined && { meta }),
    ...(lookupTime && { lookupTime }),
    ...(filename && { filename }),
  };
  return { image: form.checked(), origin, contentHash, bucket };
}

/**
 * Stores bytes that are an image, or are there already.
 * @throws HttpError 422 for others
 */
async function storeChecked(imgcache: ImgCache, image: StagedImage, origin: EntryOrigin, signal: CallSignal) {
  const [known] = await imgcache.getMeta([await contentHashAt(imgcache, image, signal)], signal);
  if (!known) {
    const { contentType } = await image.facts();
    if (!contentType.startsWith('image/')) throw noImage(contentType);
  }
  try {
    return await imgcache.store(image, origin, signal);
  } catch (error) {
    if (error instanceof RefusedImageError && error.reason === 'NOT_AN_IMAGE')
      throw noImage('application/octet-stream');
    throw error;
  }
}

/** Refuses bytes in the words of the original. */
function noImage(contentType: string): HttpError {
  return new HttpError(422, `Rejected: content resolved to '${contentType}', not an image.`);
}

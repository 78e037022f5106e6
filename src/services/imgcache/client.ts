import { z } from 'zod';
import { isContentHash } from '../content-hash.js';
import { type Multipart, multipart } from '../http/multipart.js';
import {
  type Answer,
  createServiceClient,
  type ServiceClientOptions,
  type ServiceRequest,
  type ServiceStatus,
} from '../http-client.js';
import { askConcurrently } from '../map-concurrently.js';
import { ServiceError } from '../service.js';
import { SharedReads } from '../shared-reads.js';
import type { StagedImage } from '../staged-image.js';
import type { Entry, EntryOrigin, EntryQuery, ImgCache, SimilarQuery, StoreStatus } from './api.js';
import { sliceStream } from './byte-range.js';
import { DecodedLists } from './decoded-lists.js';
import { decodeEntry, isPerceptualHash } from './entry-decoder.js';
import { applyQuery } from './entry-query.js';
import { nearest } from './nearest.js';

export type ImgCacheClientOptions = Pick<
  ServiceClientOptions,
  'baseUrl' | 'timeoutMs' | 'onCall' | 'onBreaker' | 'tracer'
>;

export interface ImgCacheClient extends ImgCache {
  status(): ServiceStatus;
  /** Ends all calls and closes the connections. */
  close(): Promise<void>;
}

/** imgcache answers with errors as soon as 15 requests at a time use its database. */
const MAX_CONCURRENT = 12;

const CREATED = 201;
const NO_CONTENT = 204;
const NOT_FOUND = 404;
const NOTHING = Promise.resolve(null);
const HEALTHY = z.object({ status: z.literal('ok') });

/** imgcache over its REST protocol. */
export function createImgCacheClient(options: ImgCacheClientOptions): ImgCacheClient {
  const client = createServiceClient({ ...options, service: 'IMGCACHE', maxConcurrent: MAX_CONCURRENT });
  const reads = new SharedReads();
  const lists = new DecodedLists();

  function readEntry(path: string, signal: AbortSignal | undefined): Promise<Entry | null> {
    return reads.read(path, (shared) => client.json(get(path, [NOT_FOUND]), decodeFound, shared), signal);
  }

  const readEntries = (contentHashes: readonly string[], signal: AbortSignal | undefined) =>
    askConcurrently(contentHashes, MAX_CONCURRENT, (contentHash) =>
      isContentHash(contentHash) ? readEntry(`/images/meta/${contentHash}`, signal) : NOTHING,
    );

  /** Those who ask for the same list at the same time share its bytes. What is made of them depends on the query. */
  async function readList<T>(
    path: string,
    query: EntryQuery | SimilarQuery,
    decode: (rows: readonly unknown[]) => readonly T[],
    signal: AbortSignal | undefined,
  ): Promise<readonly T[]> {
    const key = `${path} ${JSON.stringify(query)}`;
    // Within the call, so that it is a failed one if the answer is not as documented.
    const take = (body: Buffer) => ({ key, body, items: lists.decode(key, body, decode) });
    const list = await reads.read(path, (shared) => client.whole(get(path), take, shared), signal);
    return list.key === key ? list.items : lists.decode(key, list.body, decode);
  }

  return {
    mode: 'REMOTE',

    getMeta: readEntries,

    async getUrls(contentHashes, signal) {
      const entries = await readEntries(contentHashes, signal);
      return entries.map((entry) => (entry ? [entry.url] : []));
    },

    lookup: (urls, signal) =>
      askConcurrently(urls, MAX_CONCURRENT, (url) =>
        readEntry(`/images/lookup?${new URLSearchParams({ url })}`, signal),
      ),

    async *search(query, signal) {
      const parameters = new URLSearchParams({
        url_contains: supersetOf(query.filter?.urlContains ?? ''),
      });
      const decode = (rows: readonly unknown[]) => applyQuery(rows.map(decodeEntry), query);
      const entries = await readList(`/images/search?${parameters}`, query, decode, signal);
      if (entries.length > 0) yield entries;
    },

    async *similar(query, signal) {
      if (!isPerceptualHash(query.perceptualHash)) throw malformedPerceptualHash();
      // Nothing here needs an escape.
      const parameters = `perceptual_hash=${query.perceptualHash}&max_hamming_distance=${query.maxHammingDistance}`;
      const decode = (rows: readonly unknown[]) => nearest(rows.map(decodeEntry), query);
      const matches = await readList(`/images/similar?${parameters}`, query, decode, signal);
      if (matches.length > 0) yield matches;
    },

    async getBytes(contentHash, range, signal) {
      if (!isContentHash(contentHash)) return null;
      const answer = await client.bytes(get(`/images/${contentHash}`, [NOT_FOUND]), signal);
      if (!answer) return null;
      return {
        stream: range ? sliceStream(answer.stream, range) : answer.stream,
        fileSizeBytes: answer.contentLength,
        contentType: answer.contentType ?? 'application/octet-stream',
      };
    },

    async store(image, origin, signal) {
      const form = toForm(image, origin);
      const request: ServiceRequest = {
        method: 'POST',
        path: '/images',
        headers: { 'content-type': form.contentType },
        body: form,
        // The bytes name themselves: storing them again finds them there.
        repeatable: true,
      };
      try {
        return await client.json(request, (value, { status }) => toStored(image, value, status), signal);
      } finally {
        reads.forget();
      }
    },

    async delete(contentHash, signal) {
      if (!isContentHash(contentHash)) return false;
      const path = `/images/${contentHash}`;
      try {
        const { status, timesSent } = await client.empty(
          { method: 'DELETE', path, repeatable: true, allow: [NOT_FOUND] },
          signal,
        );
        if (status !== NO_CONTENT && status !== NOT_FOUND) throw notADeletion();
        // An earlier try, whose answer was lost, may have deleted it.
        return status !== NOT_FOUND || timesSent > 1;
      } finally {
        reads.forget();
      }
    },

    async health(signal) {
      await client.json(get('/health'), (value) => HEALTHY.parse(value), signal);
    },

    status: () => client.status(),
    close: () => client.close(),
  };
}

function get(path: string, allow: readonly number[] = []): ServiceRequest {
  return { method: 'GET', path, repeatable: true, allow };
}

function decodeFound(value: unknown, { status }: Answer): Entry | null {
  return status === NOT_FOUND ? null : decodeEntry(value);
}

/**
 * What the service is asked for, so that it finds all that contains the text and perhaps more: it may take `%` and `_` as
 * wildcards and a backslash as their escape, so of a text with backslashes the longest part without one is asked for.
 */
function supersetOf(text: string): string {
  return text.split('\\').reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

/** Such as the page of a proxy, which says 200 to everything. */
function notADeletion(): ServiceError {
  return new ServiceError('imgcache gave an answer that cannot be understood.', {
    service: 'IMGCACHE',
    code: 'BAD_RESPONSE',
    retryable: false,
  });
}

function malformedPerceptualHash(): ServiceError {
  return new ServiceError('A perceptual hash has 16 lower-case hex digits.', {
    service: 'IMGCACHE',
    code: 'REFUSED',
    retryable: false,
  });
}

/** With the parts in the order of imgcache's own client. */
function toForm(
  image: StagedImage,
  { url, clientName, lookupTime, filename = 'image' }: EntryOrigin,
): Multipart {
  const fields: [string, string][] = [
    ['url', url],
    ['client_name', clientName],
  ];
  // The service drops a zone without converting, so that it gets UTC without one.
  if (lookupTime !== undefined) fields.push(['lookup_time', lookupTime.replace('Z', '')]);
  return multipart(fields, {
    name: 'file',
    filename,
    contentType: 'application/octet-stream',
    size: image.size,
    open: () => image.stream(),
  });
}

/** @throws Error when the service stored something else */
function toStored(image: StagedImage, value: unknown, status: number): { entry: Entry; status: StoreStatus } {
  const entry = decodeEntry(value);
  if (entry.contentHash !== image.contentHash) throw new Error('The service names another content hash.');
  return { entry, status: status === CREATED ? 'CREATED' : 'UNCHANGED' };
}

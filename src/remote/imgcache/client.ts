import { z } from 'zod';
import { askConcurrently, mapConcurrently } from '../../request/map-concurrently.js';
import { SharedReads } from '../../request/shared-reads.js';
import type { CallSignal } from '../../services/call-signal.js';
import { isContentHash } from '../../services/content-hash.js';
import { ServiceError } from '../../services/errors.js';
import { isPerceptualHash } from '../../services/hamming-distance.js';
import type { Entry, EntryFilter, ImgCache } from '../../services/imgcache.js';
import {
  createServiceClient,
  type ResponseStatus,
  type ServiceClientOptions,
  type ServiceRequest,
  type ServiceStatus,
} from '../http/client.js';
import { sliceStream } from './byte-range.js';
import { toForm, toStored } from './client-store.js';
import { DecodedLists } from './decoded-lists.js';
import { decodeEntry } from './entry-decoder.js';
import { applyQuery, countClients, matches } from './entry-query.js';
import { ListBody } from './list-body.js';
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

/** The original responds with errors as soon as 15 requests at a time use its database. */
const MAX_CONCURRENT = 12;

const CREATED = 201;
const NO_CONTENT = 204;
const NOT_FOUND = 404;
const NOTHING = Promise.resolve(null);
const HEALTHY = z.object({ status: z.literal('ok') });
/** The body of imgcache's own 404; for a path that it does not have, the router of the original says `Not Found`. */
const ABSENT = z.strictObject({ detail: z.literal('Not found') });
/** A content hash that no bytes have: only an imgcache says that it is absent. */
const NO_HASH = '0'.repeat(64);

/** imgcache over its REST protocol. */
export function createImgCacheClient(options: ImgCacheClientOptions): ImgCacheClient {
  const client = createServiceClient({
    ...options,
    service: 'IMGCACHE',
    maxConcurrent: MAX_CONCURRENT,
    isNotFound: saysAbsent,
  });
  const reads = new SharedReads();
  const lists = new DecodedLists();

  function readEntry(path: string, signal: CallSignal | undefined): Promise<Entry | null> {
    return reads.read(path, (shared) => client.json(get(path, [NOT_FOUND]), decodeFound, shared), signal);
  }

  const readEntries = (contentHashes: readonly string[], signal: CallSignal | undefined) =>
    askConcurrently(contentHashes, MAX_CONCURRENT, (contentHash) =>
      isContentHash(contentHash) ? readEntry(metaOf(contentHash), signal) : NOTHING,
    );

  /** Reads a list. Those who read the same one at the same time share it; what they make of it depends on what they ask. */
  async function readList<T>(
    path: string,
    asked: object,
    select: (entries: readonly Entry[]) => readonly T[],
    signal: CallSignal | undefined,
  ): Promise<readonly T[]> {
    const key = `${path} ${JSON.stringify(asked)}`;
    const itemsOf = (list: ListBody) => lists.decode(key, list.bytes, () => select(list.entries));
    // Within the call, so that it counts as failed if the response is not as documented.
    const take = (bytes: Buffer) => {
      const list = new ListBody(bytes);
      return { key, list, items: itemsOf(list) };
    };
    const read = await reads.read(path, (shared) => client.whole(get(path), take, shared), signal);
    return read.key === key ? read.items : itemsOf(read.list);
  }

  async function readUrls(contentHashes: readonly string[], signal: CallSignal | undefined) {
    const entries = await readEntries(contentHashes, signal);
    return mapConcurrently(entries, MAX_CONCURRENT, async (entry) => {
      const read = entry?.urls === null ? await readEntry(withAllUrls(entry.contentHash), signal) : entry;
      return read ? (read.urls ?? [read.url]) : [];
    });
  }

  return {
    mode: 'REMOTE',

    getMeta: readEntries,
    getUrls: readUrls,

    async getFewUrls(entries, limit) {
      return entries.map(({ url, urls = [url] }) => (urls && urls.length <= limit ? urls : null));
    },

    lookup: (urls, signal) =>
      askConcurrently(urls, MAX_CONCURRENT, (url) =>
        readEntry(`/images/lookup?${new URLSearchParams({ url })}`, signal),
      ),

    countUrls: async (contentHashes, signal) =>
      (await readUrls(contentHashes, signal)).map((urls) => urls.length),

    async *search(query, signal) {
      const entries = await readList(searchOf(query.filter), query, (all) => applyQuery(all, query), signal);
      if (entries.length > 0) yield entries;
    },

    async count(filter, signal) {
      const count = (all: readonly Entry[]) => [all.filter((entry) => matches(entry, filter)).length];
      const [total = null] = await readList(searchOf(filter), { count: filter }, count, signal);
      return total;
    },

    listClients: (query, signal) =>
      readList(searchOf(), { clients: query }, (all) => countClients(all, query), signal),

    async *similar(query, signal) {
      if (!isPerceptualHash(query.perceptualHash)) throw malformedPerceptualHash();
      // A hash and a number need no escapes.
      const parameters = `perceptual_hash=${query.perceptualHash}&max_hamming_distance=${query.maxHammingDistance}`;
      const select = (all: readonly Entry[]) => nearest(all, query);
      const found = await readList(`/images/similar?${parameters}`, query, select, signal);
      if (found.length > 0) yield found;
    },

    async getBytes(contentHash, range, signal) {
      if (!isContentHash(contentHash)) return null;
      const response = await client.bytes(get(`/images/${contentHash}`, [NOT_FOUND]), signal);
      if (!response) return null;
      return {
        stream: range ? sliceStream(response.stream, range) : response.stream,
        fileSizeBytes: response.contentLength,
        contentType: response.contentType ?? 'application/octet-stream',
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
        return await client.json(
          request,
          (value, { status }) => toStored(image, value, status === CREATED),
          signal,
        );
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
        // An earlier try, whose response was lost, may have deleted it.
        return status !== NOT_FOUND || timesSent > 1;
      } finally {
        reads.forget();
      }
    },

    async health(signal) {
      await client.json(get('/health'), (value) => HEALTHY.parse(value), signal);
      await readEntry(metaOf(NO_HASH), signal);
    },

    status: () => client.status(),
    close: () => client.close(),
  };
}

function get(path: string, allow: readonly number[] = []): ServiceRequest {
  return { method: 'GET', path, repeatable: true, allow };
}

function metaOf(contentHash: string): string {
  return `/images/meta/${contentHash}`;
}

/** The original has no such parameter, and gives the same with and without it. */
function withAllUrls(contentHash: string): string {
  return `${metaOf(contentHash)}?all_urls=true`;
}

/** Whether the body of a 404 is imgcache's own. */
function saysAbsent(body: Buffer): boolean {
  try {
    return ABSENT.safeParse(JSON.parse(body.toString())).success;
  } catch {
    return false;
  }
}

function decodeFound(value: unknown, { status }: ResponseStatus): Entry | null {
  return status === NOT_FOUND ? null : decodeEntry(value);
}

/** The search for all entries that a filter may select. A Lookalike looks at all URLs itself, the original at one. */
function searchOf({ urlContains = '', urlHost }: EntryFilter = {}): string {
  const asked = supersetOf(urlContains || (urlHost ?? ''));
  const parameters = new URLSearchParams({ url_contains: asked });
  if (asked !== urlContains) parameters.set('url_contains_literally', urlContains);
  if (urlHost !== undefined) parameters.set('url_host', urlHost);
  return `/images/search?${parameters}`;
}

/**
 * The text to send in a search, for which the service finds all that contains the given text, and perhaps more. The
 * original takes `%` and `_` as wildcards and a backslash as their escape, so that it gets the longest part without a
 * backslash; a Lookalike gets the whole text beside it.
 */
function supersetOf(text: string): string {
  return text.split('\\').reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

/** The error for another response than imgcache's own, such as the page of a proxy, which says 200 to everything. */
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

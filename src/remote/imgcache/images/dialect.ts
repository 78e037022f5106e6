import { askConcurrently, mapConcurrently } from '../../../request/map-concurrently.js';
import type { CallSignal } from '../../../services/call-signal.js';
import { isContentHash } from '../../../services/content-hash.js';
import type { Entry } from '../../../services/entry.js';
import type { EntryFilter } from '../../../services/entry-query.js';
import { isPerceptualHash } from '../../../services/hamming-distance.js';
import type { ImgCache } from '../../../services/imgcache.js';
import type { ResponseStatus, ServiceRequest } from '../../http/client.js';
import { sliceStream } from '../byte-range.js';
import { type DialectParts, EntryLists } from '../entry-lists.js';
import { applyQuery, countClients, matches } from '../entry-query.js';
import { nearest } from '../nearest.js';
import {
  CREATED,
  get,
  HEALTHY,
  MAX_CONCURRENT,
  malformedPerceptualHash,
  NO_HASH,
  NOT_FOUND,
  notUnderstood,
  remove,
  supersetOf,
} from '../requests.js';
import { decodeEntry } from './entry-decoder.js';
import { isOf, toForm, toStored } from './store.js';

const NOTHING = Promise.resolve(null);

/** imgcache over the protocol with `/images`, which the documented client speaks, and other Lookalikes with additions. */
export function createImagesDialect(parts: DialectParts): ImgCache {
  const { client, reads } = parts;
  const lists = new EntryLists(parts, decodeEntry);

  function readEntry(path: string, signal: CallSignal | undefined): Promise<Entry | null> {
    return reads.read(path, (shared) => client.json(get(path, [NOT_FOUND]), decodeFound, shared), signal);
  }

  const readEntries = (contentHashes: readonly string[], signal: CallSignal | undefined) =>
    askConcurrently(contentHashes, MAX_CONCURRENT, (contentHash) =>
      isContentHash(contentHash) ? readEntry(metaOf(contentHash), signal) : NOTHING,
    );

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
      const select = (all: readonly Entry[]) => applyQuery(all, query);
      const entries = await lists.read(searchOf(query.filter), query, select, signal);
      if (entries.length > 0) yield entries;
    },

    async count(filter, signal) {
      const count = (all: readonly Entry[]) => [all.filter((entry) => matches(entry, filter)).length];
      const [total = null] = await lists.read(searchOf(filter), { count: filter }, count, signal);
      return total;
    },

    listClients: (query, signal) =>
      lists.read(searchOf(), { clients: query }, (all) => countClients(all, query), signal),

    async *similar(query, signal) {
      if (!isPerceptualHash(query.perceptualHash)) throw malformedPerceptualHash();
      // A hash and a number need no escapes.
      const parameters = `perceptual_hash=${query.perceptualHash}&max_hamming_distance=${query.maxHammingDistance}`;
      const select = (all: readonly Entry[]) => nearest(all, query);
      const found = await lists.read(`/images/similar?${parameters}`, query, select, signal);
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
        const stored = await client.json(
          request,
          (value, { status }) => toStored(value, status === CREATED),
          signal,
        );
        if (!(await isOf(image, stored.entry))) throw notUnderstood();
        return stored;
      } finally {
        reads.forget();
      }
    },

    async delete(contentHash, signal) {
      if (!isContentHash(contentHash)) return false;
      try {
        return await remove(client, `/images/${contentHash}`, signal);
      } finally {
        reads.forget();
      }
    },

    async health(signal) {
      await client.json(get('/health'), (value) => HEALTHY.parse(value), signal);
      await readEntry(metaOf(NO_HASH), signal);
    },
  };
}

export function metaOf(contentHash: string): string {
  return `/images/meta/${contentHash}`;
}

/** The original has no such parameter, and gives the same with and without it. */
function withAllUrls(contentHash: string): string {
  return `${metaOf(contentHash)}?all_urls=true`;
}

function decodeFound(value: unknown, { status }: ResponseStatus): Entry | null {
  return status === NOT_FOUND ? null : decodeEntry(value);
}

/**
 * The search for all entries that a filter may select. A Lookalike gets the whole text beside that which the original
 * understands, and looks at all URLs itself; the original looks at one.
 */
function searchOf({ urlContains = '', urlHost }: EntryFilter = {}): string {
  const asked = supersetOf(urlContains || (urlHost ?? ''));
  const parameters = new URLSearchParams({ url_contains: asked });
  if (asked !== urlContains) parameters.set('url_contains_literally', urlContains);
  if (urlHost !== undefined) parameters.set('url_host', urlHost);
  return `/images/search?${parameters}`;
}

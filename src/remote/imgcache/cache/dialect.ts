import { Fault } from '../../../calls/fault.js';
import { askConcurrently, mapConcurrently } from '../../../request/map-concurrently.js';
import type { CallSignal } from '../../../services/call-signal.js';
import { isContentHash } from '../../../services/content-hash.js';
import type { Entry, EntryName } from '../../../services/entry.js';
import { type EntryOrigin, RefusedImageError } from '../../../services/entry-origin.js';
import type { EntryQuery } from '../../../services/entry-query.js';
import { isPerceptualHash } from '../../../services/hamming-distance.js';
import type { ImgCache } from '../../../services/imgcache.js';
import type { StagedImage } from '../../../services/staged-image.js';
import type { ResponseStatus, ServiceRequest } from '../../http/client.js';
import { sliceStream } from '../byte-range.js';
import { type DialectParts, EntryLists } from '../entry-lists.js';
import { applyQuery, countClients } from '../entry-query.js';
import { nearest } from '../nearest.js';
import {
  CREATED,
  get,
  HEALTHY,
  MAX_CONCURRENT,
  malformedPerceptualHash,
  NO_HASH,
  NOT_FOUND,
  remove,
  supersetOf,
} from '../requests.js';
import { browse, browseFew, canBrowse, tooManyEntries } from './browse.js';
import { readPrefixes } from './buckets.js';
import { decodeEntry } from './entry-decoder.js';
import { refusalOf, toForm, toStored } from './store.js';

const NOTHING = Promise.resolve(null);
const UNPROCESSABLE = 422;

/** A bucket of an imgcache. */
export interface CacheBucket {
  /** Null for all buckets at once, which only the searches go across. */
  name: string | null;
  /**
   * Whether entries say where they are.
   * @default false
   */
  isTold?: boolean;
}

/** One bucket of an imgcache of today, over its protocol with `/cache` and `/browse`. It names bytes by their BLAKE3. */
export function createCacheDialect(
  parts: DialectParts,
  { name: bucket, isTold = false }: CacheBucket,
): ImgCache {
  const { client, reads } = parts;
  const placed = (entry: Entry) => (isTold ? entry : withoutBucket(entry));
  const decode = (value: unknown) => placed(decodeEntry(value));
  const decodeFound = (value: unknown, { status }: ResponseStatus) =>
    status === NOT_FOUND ? null : decode(value);
  const lists = new EntryLists(parts, decode);
  const inBucket = (path: string, parameters: Record<string, string> = {}, of = bucket) =>
    `${path}?${new URLSearchParams({ ...parameters, ...(of !== null && { bucket: of }) })}`;
  const browsed = { client, reads, bucket };

  function readEntry(path: string, signal: CallSignal | undefined): Promise<Entry | null> {
    return reads.read(path, (shared) => client.json(get(path, [NOT_FOUND]), decodeFound, shared), signal);
  }

  const readMeta = (
    { contentHash, bucket: of }: EntryName,
    signal: CallSignal | undefined,
    parameters: Record<string, string> = {},
  ) =>
    isContentHash(contentHash) ? readEntry(inBucket(metaOf(contentHash), parameters, of), signal) : NOTHING;

  const readEntries = (contentHashes: readonly string[], signal: CallSignal | undefined) =>
    askConcurrently(contentHashes, MAX_CONCURRENT, (contentHash) => readMeta({ contentHash }, signal));

  /** The original has no such parameter, and gives the same with and without it. */
  const readWhole = (entry: Entry, signal: CallSignal | undefined) =>
    readMeta(entry, signal, { all_urls: 'true' });

  async function readUrls(contentHashes: readonly string[], signal: CallSignal | undefined) {
    const entries = await readEntries(contentHashes, signal);
    return mapConcurrently(entries, MAX_CONCURRENT, async (entry) => {
      const read = entry?.urls === null ? await readWhole(entry, signal) : entry;
      return read ? (read.urls ?? [read.url]) : [];
    });
  }

  /** The entries with all that is known of them; without those that have gone. */
  async function complete(entries: readonly Entry[], signal: CallSignal | undefined): Promise<Entry[]> {
    const read = await mapConcurrently(entries, MAX_CONCURRENT, (entry) => readMeta(entry, signal));
    return read.filter((entry) => entry !== null);
  }

  /** The query at one time: what `browse` cannot do is read whole. */
  async function searchAll(query: EntryQuery, signal: CallSignal | undefined): Promise<readonly Entry[]> {
    const { urlContains = '', urlHost } = query.filter ?? {};
    const text = supersetOf(urlContains || (urlHost ?? ''));
    const path = inBucket('/cache/search', {
      url_contains: text,
      // A Lookalike reads these, and the original does not.
      ...(text !== urlContains && { url_contains_literally: urlContains }),
      ...(urlHost !== undefined && { url_host: urlHost }),
    });
    return lists.read(path, query, (all) => applyQuery(all, query), signal);
  }

  async function store(
    image: StagedImage,
    origin: EntryOrigin,
    contentHash: string,
    signal: CallSignal | undefined,
  ) {
    const form = toForm(image, origin, bucket ?? '', contentHash);
    const request: ServiceRequest = {
      method: 'POST',
      path: '/cache',
      headers: { 'content-type': form.contentType },
      body: form,
      // The bytes name themselves: storing them again finds them there.
      repeatable: true,
      allow: [UNPROCESSABLE],
    };
    return client.json(
      request,
      (value, { status }) => {
        if (status !== UNPROCESSABLE) return toStored(contentHash, value, status === CREATED);
        const refusal = refusalOf(value);
        if (refusal === null) throw new Fault('REFUSED', { detail: String(status) });
        return { refusal };
      },
      signal,
    );
  }

  return {
    mode: 'REMOTE',
    hashing: async () => 'BLAKE3',

    getMeta: readEntries,
    getUrls: readUrls,

    async getFewUrls(entries, limit, signal) {
      const whole = await mapConcurrently(entries, MAX_CONCURRENT, async (entry) =>
        entry.brief ? await readMeta(entry, signal) : entry,
      );
      return entries.map(({ url }, index) => {
        const { urls = [url] } = whole[index] ?? {};
        return urls && urls.length <= limit ? urls : null;
      });
    },

    lookup: (urls, signal) =>
      askConcurrently(urls, MAX_CONCURRENT, (url) => readEntry(inBucket('/cache/lookup', { url }), signal)),

    countUrls: async (contentHashes, signal) =>
      (await readUrls(contentHashes, signal)).map((urls) => urls.length),

    async *search(query, signal) {
      if (!canBrowse(query)) {
        const entries = await searchAll(query, signal);
        if (entries.length > 0) yield entries;
        return;
      }
      let left = query.limit ?? Number.POSITIVE_INFINITY;
      if (left === 0) return;
      for await (const entries of browse(browsed, query, signal)) {
        const wanted = entries.slice(0, left).map(placed);
        const given = query.mayBeBrief ? wanted : await complete(wanted, signal);
        if (given.length > 0) yield given;
        left -= given.length;
        if (left === 0) return;
      }
    },

    async count(filter, signal) {
      if (filter.hasPerceptualHash !== undefined) return null;
      return (await browseFew(browsed, filter, signal))?.length ?? null;
    },

    async listClients(query, signal) {
      const entries = await browseFew(browsed, {}, signal);
      if (!entries) throw tooManyEntries();
      return countClients(entries, query);
    },

    listPrefixes: (signal) => readPrefixes(parts, bucket ?? '', signal),

    async *similar(query, signal) {
      const { perceptualHash, maxHammingDistance } = query;
      if (!isPerceptualHash(perceptualHash)) throw malformedPerceptualHash();
      const path = inBucket('/cache/similar', {
        perceptual_hash: perceptualHash,
        max_hamming_distance: String(maxHammingDistance),
      });
      const found = await lists.read(path, query, (all) => nearest(all, query), signal);
      if (found.length > 0) yield found;
    },

    async getBytes(contentHash, range, signal) {
      if (!isContentHash(contentHash)) return null;
      const path = inBucket(`/cache/${contentHash}`);
      const response = await client.bytes(get(path, [NOT_FOUND]), signal);
      if (!response) return null;
      return {
        stream: range ? sliceStream(response.stream, range) : response.stream,
        fileSizeBytes: response.contentLength,
        contentType: response.contentType ?? 'application/octet-stream',
      };
    },

    async store(image, origin, signal) {
      try {
        const stored = await store(image, origin, await image.blake3(), signal);
        if ('refusal' in stored) throw new RefusedImageError(stored.refusal);
        return { ...stored, entry: placed(stored.entry) };
      } finally {
        reads.forget();
      }
    },

    async delete(contentHash, signal) {
      if (!isContentHash(contentHash)) return false;
      try {
        return await remove(client, inBucket(`/cache/${contentHash}`), signal);
      } finally {
        reads.forget();
      }
    },

    async health(signal) {
      await client.json(get('/health'), (value) => HEALTHY.parse(value), signal);
      await readMeta({ contentHash: NO_HASH }, signal);
    },
  };
}

function withoutBucket({ bucket: _, ...entry }: Entry): Entry {
  return entry;
}

export function metaOf(contentHash: string): string {
  return `/cache/meta/${contentHash}`;
}

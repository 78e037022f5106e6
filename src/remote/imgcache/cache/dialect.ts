import { Fault } from '../../../calls/fault.js';
import { askConcurrently, mapConcurrently } from '../../../request/map-concurrently.js';
import type { CallSignal } from '../../../services/call-signal.js';
import { isContentHash } from '../../../services/content-hash.js';
import { ServiceError } from '../../../services/errors.js';
import { isPerceptualHash } from '../../../services/hamming-distance.js';
import {
  type Entry,
  type EntryOrigin,
  type EntryQuery,
  type ImgCache,
  RefusedImageError,
} from '../../../services/imgcache.js';
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
import { browse, browseFew, canBrowse } from './browse.js';
import { decodeEntry } from './entry-decoder.js';
import { refusalOf, toForm, toStored } from './store.js';

const NOTHING = Promise.resolve(null);
const UNPROCESSABLE = 422;

export interface CacheDialectOptions {
  bucket: string;
  /**
   * Whether entries say that they are in it.
   * @default false
   */
  isNamed?: boolean;
}

/** One bucket of an imgcache of today, over its protocol with `/cache` and `/browse`. It names bytes by their BLAKE3. */
export function createCacheDialect(
  parts: DialectParts,
  { bucket, isNamed = false }: CacheDialectOptions,
): ImgCache {
  const { client, reads } = parts;
  const named = (entry: Entry) => (isNamed ? { ...entry, bucket } : entry);
  const decode = (value: unknown) => named(decodeEntry(value));
  const decodeFound = (value: unknown, { status }: ResponseStatus) =>
    status === NOT_FOUND ? null : decode(value);
  const lists = new EntryLists(parts, decode);
  const inBucket = (path: string, parameters: Record<string, string> = {}) =>
    `${path}?${new URLSearchParams({ ...parameters, bucket })}`;
  const browsed = { client, reads, bucket };

  function readEntry(path: string, signal: CallSignal | undefined): Promise<Entry | null> {
    return reads.read(path, (shared) => client.json(get(path, [NOT_FOUND]), decodeFound, shared), signal);
  }

  const readMeta = (contentHash: string, signal: CallSignal | undefined) =>
    isContentHash(contentHash) ? readEntry(inBucket(metaOf(contentHash)), signal) : NOTHING;

  const readEntries = (contentHashes: readonly string[], signal: CallSignal | undefined) =>
    askConcurrently(contentHashes, MAX_CONCURRENT, (contentHash) => readMeta(contentHash, signal));

  const readUrls = async (contentHashes: readonly string[], signal: CallSignal | undefined) =>
    (await readEntries(contentHashes, signal)).map((entry) => entry?.urls ?? []);

  /** The entries with all that is known of them; without those that have gone. */
  async function complete(entries: readonly Entry[], signal: CallSignal | undefined): Promise<Entry[]> {
    const read = await mapConcurrently(entries, MAX_CONCURRENT, ({ contentHash }) =>
      readMeta(contentHash, signal),
    );
    return read.filter((entry) => entry !== null);
  }

  /** The query at one time: what `browse` cannot do is read whole. */
  async function searchAll(query: EntryQuery, signal: CallSignal | undefined): Promise<readonly Entry[]> {
    const text = supersetOf(query.filter?.urlContains || (query.filter?.urlHost ?? ''));
    const path = inBucket('/cache/search', { url_contains: text });
    return lists.read(path, query, (all) => applyQuery(all, query), signal);
  }

  async function store(
    image: StagedImage,
    origin: EntryOrigin,
    contentHash: string,
    signal: CallSignal | undefined,
  ) {
    const form = toForm(image, origin, bucket, contentHash);
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
        if (status !== UNPROCESSABLE)
          return { entry: named(toStored(contentHash, value)), isNew: status === CREATED };
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
      const brief = entries.filter((entry) => entry.brief).map(({ contentHash }) => contentHash);
      const read = (await readUrls(brief, signal)).values();
      return entries.map((entry) => {
        const urls = entry.brief ? read.next().value! : (entry.urls ?? [entry.url]);
        return urls.length <= limit ? urls : null;
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
        const wanted = entries.slice(0, left).map(named);
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
        return { entry: stored.entry, status: stored.isNew ? 'CREATED' : 'UNCHANGED' };
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
      await readMeta(NO_HASH, signal);
    },
  };
}

function tooManyEntries(): ServiceError {
  return new ServiceError('imgcache has too many entries for the gateway to count those of its clients.', {
    service: 'IMGCACHE',
    code: 'UNSUPPORTED',
    retryable: false,
  });
}

export function metaOf(contentHash: string): string {
  return `/cache/meta/${contentHash}`;
}

import type { CallSignal } from '../services/call-signal.js';
import type { ByteRange, Entry, EntryBytes, EntryMatch } from '../services/entry.js';
import type { EntryOrigin, EntryRecord, StoreStatus } from '../services/entry-origin.js';
import type {
  ClientCount,
  ClientQuery,
  EntryFilter,
  EntryQuery,
  SimilarQuery,
} from '../services/entry-query.js';
import type { BucketSearches, ImgCache } from '../services/imgcache.js';
import { MergedBuckets } from '../services/merged-buckets.js';
import { originalFilename } from '../services/original-filename.js';
import type { StagedImage } from '../services/staged-image.js';
import type { Blobs } from './blobs/blobs.js';
import { openBytes } from './blobs/read-bytes.js';
import { EntryWriter } from './entry-writer.js';
import type { KeyedLock } from './keyed-lock.js';
import type { SimilarHashes } from './search/similar-hashes.js';
import {
  BATCH,
  FIRST_BATCH,
  type SearchedEntries,
  similarEntries,
  similarToEach,
} from './similar-entries.js';
import { checkStorage } from './storage-health.js';
import type { EntryCounts } from './store/counts.js';
import type { EntryStore } from './store/entry-store.js';
import type { Store } from './store/store.js';
import type { UrlSearch } from './store/url-search.js';

/** The bucket of calls that name none. */
const DEFAULT_BUCKET = '';

export interface EmbeddedImgCacheParts {
  store: Store;
  blobs: Blobs;
  /** The lock by content hash that the sweeper takes too. */
  locks: KeyedLock;
  urlSearch: UrlSearch;
  counts: EntryCounts;
  hashes: SimilarHashes;
}

/** One bucket of imgcache on tables and files of this process. */
export class EmbeddedImgCache implements ImgCache {
  readonly mode = 'EMBEDDED';
  readonly #parts: EmbeddedImgCacheParts;
  readonly #bucket: string;
  readonly #entries: EntryStore;
  readonly #searched: SearchedEntries;
  readonly #writer: EntryWriter;

  constructor(parts: EmbeddedImgCacheParts, bucket = DEFAULT_BUCKET) {
    this.#parts = parts;
    this.#bucket = bucket;
    this.#entries = parts.store.entries.inBucket(bucket);
    this.#writer = new EntryWriter(parts);
    this.#searched = { bucket, entries: this.#entries, hashes: parts.hashes };
  }

  inBucket(bucket: string): EmbeddedImgCache {
    return bucket === this.#bucket ? this : new EmbeddedImgCache(this.#parts, bucket);
  }

  async defaultBucket(): Promise<string> {
    return DEFAULT_BUCKET;
  }

  async listBuckets(signal?: AbortSignal): Promise<string[]> {
    signal?.throwIfAborted();
    return this.#parts.store.buckets.list();
  }

  acrossBuckets(): BucketSearches {
    const { buckets } = this.#parts.store;
    const merged = new MergedBuckets({
      list: (signal) => this.listBuckets(signal),
      inBucket: (bucket) => this.inBucket(bucket),
    });
    return {
      async find(contentHash, signal) {
        signal?.throwIfAborted();
        return buckets.find(contentHash);
      },
      async lookup(urls, signal) {
        signal?.throwIfAborted();
        const found = await buckets.findByUrl(urls);
        return urls.map((url) => found.get(url) ?? null);
      },
      search: (query, signal) => merged.search(query, signal),
      similar: (query, signal) => merged.similar(query, signal),
    };
  }

  async listPrefixes(signal?: AbortSignal): Promise<(string | null)[]> {
    signal?.throwIfAborted();
    return this.#entries.listPrefixes();
  }

  async getBlake3(contentHashes: readonly string[], signal?: AbortSignal): Promise<(string | null)[]> {
    signal?.throwIfAborted();
    const found = await this.#parts.store.blobs.findBlake3(contentHashes);
    return contentHashes.map((hash) => found.get(hash) ?? null);
  }

  async findByBlake3(blake3: readonly string[], signal?: AbortSignal): Promise<(string | null)[]> {
    signal?.throwIfAborted();
    const found = await this.#parts.store.blobs.findByBlake3(blake3);
    return blake3.map((hash) => found.get(hash) ?? null);
  }

  async getMeta(contentHashes: readonly string[], signal?: AbortSignal): Promise<(Entry | null)[]> {
    signal?.throwIfAborted();
    const found = await this.#entries.find(contentHashes);
    return contentHashes.map((hash) => found.get(hash) ?? null);
  }

  async lookup(urls: readonly string[], signal?: AbortSignal): Promise<(Entry | null)[]> {
    signal?.throwIfAborted();
    const found = await this.#entries.findByUrl(urls);
    return urls.map((url) => found.get(url) ?? null);
  }

  async getUrls(contentHashes: readonly string[], signal?: AbortSignal): Promise<(readonly string[])[]> {
    signal?.throwIfAborted();
    const urls = await this.#entries.findUrls(contentHashes);
    return contentHashes.map((hash) => urls.get(hash)!);
  }

  async getFewUrls(
    entries: readonly Entry[],
    limit: number,
    signal?: AbortSignal,
  ): Promise<(readonly string[] | null)[]> {
    signal?.throwIfAborted();
    const several = entries.flatMap(({ contentHash, urls }) => (urls === null ? [contentHash] : []));
    if (several.length === 0) return entries.map(({ url, urls = [url] }) => urls);
    const counts = await this.#entries.countUrls(several, limit + 1);
    const few = several.filter((hash) => (counts.get(hash) ?? 0) <= limit);
    const found = await this.#entries.findUrls(few);
    return entries.map(({ contentHash, url, urls = [url] }) => urls ?? found.get(contentHash) ?? null);
  }

  async countUrls(contentHashes: readonly string[], signal?: AbortSignal): Promise<number[]> {
    signal?.throwIfAborted();
    const counts = await this.#entries.countUrls(contentHashes, Number.MAX_SAFE_INTEGER);
    return contentHashes.map((hash) => counts.get(hash) ?? 0);
  }

  async *search({ limit, ...query }: EntryQuery, signal?: AbortSignal): AsyncIterable<readonly Entry[]> {
    let after = query.after;
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (let size = FIRST_BATCH; left > 0; size = BATCH) {
      signal?.throwIfAborted();
      const wanted = Math.min(size, left);
      const batch = await this.#searchBatch({ ...query, ...(after && { after }), limit: wanted }, signal);
      if (batch.length > 0) yield batch;
      if (batch.length < wanted) return;
      left -= batch.length;
      after = batch.at(-1)!;
    }
  }

  async #searchBatch(query: EntryQuery & { limit: number }, signal?: AbortSignal): Promise<Entry[]> {
    const filtered = Object.values(query.filter ?? {}).some((condition) => condition !== undefined);
    if (!filtered) return this.#entries.list(query);
    // An entry can go between the two reads, so a batch that lost some is filled up again.
    const entries: Entry[] = [];
    let after = query.after;
    for (;;) {
      const wanted = query.limit - entries.length;
      const found = await this.#parts.urlSearch.searchUrls(
        this.#bucket,
        { ...query, ...(after && { after }), limit: wanted },
        signal,
      );
      const known = await this.#entries.find(found.map(({ contentHash }) => contentHash));
      entries.push(...found.flatMap(({ contentHash }) => known.get(contentHash) ?? []));
      if (found.length < wanted || entries.length === query.limit) return entries;
      after = found.at(-1)!;
    }
  }

  async count(filter: EntryFilter, signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted();
    return this.#parts.counts.countEntries(this.#bucket, filter, signal);
  }

  async listClients(query: ClientQuery, signal?: AbortSignal): Promise<ClientCount[]> {
    signal?.throwIfAborted();
    return this.#parts.counts.listClients(this.#bucket, query, signal);
  }

  similar(query: SimilarQuery, signal?: AbortSignal): AsyncIterable<readonly EntryMatch[]> {
    return similarEntries(this.#searched, query, signal);
  }

  similarToEach(queries: readonly Required<SimilarQuery>[], signal?: AbortSignal): Promise<EntryMatch[][]> {
    return similarToEach(this.#searched, queries, signal);
  }

  async getBytes(
    contentHash: string,
    range?: ByteRange,
    signal?: CallSignal,
    known?: Entry,
  ): Promise<EntryBytes | null> {
    signal?.throwIfAborted();
    const entry = known ?? (await this.#entries.find([contentHash])).get(contentHash);
    if (!entry) return null;
    const { contentType, fileSizeBytes } = entry;
    return { stream: await openBytes(this.#parts, contentHash, range, signal), contentType, fileSizeBytes };
  }

  store(
    image: StagedImage,
    { url, filename, notesRetrieval, ...origin }: EntryOrigin,
    signal?: AbortSignal,
  ): Promise<{ entry: Entry; status: StoreStatus }> {
    const name = filename ?? originalFilename(url);
    const retrievedAt = notesRetrieval && 'NOW';
    return this.#writer.write(
      this.#bucket,
      image,
      { url, originalFilename: name, ...origin, retrievedAt },
      signal,
    );
  }

  restore(
    image: StagedImage,
    record: EntryRecord,
    signal?: AbortSignal,
  ): Promise<{ entry: Entry; status: StoreStatus }> {
    return this.#writer.write(this.#bucket, image, record, signal);
  }

  async delete(contentHash: string, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted();
    return this.#parts.locks.run(contentHash, () => this.#entries.delete(contentHash));
  }

  health(signal?: CallSignal): Promise<void> {
    return checkStorage(this.#parts.store, this.#parts.blobs, signal);
  }
}

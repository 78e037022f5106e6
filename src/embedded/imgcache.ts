import type { CallSignal } from '../services/call-signal.js';
import { hashChunks } from '../services/hamming-distance.js';
import type {
  ByteRange,
  ClientCount,
  ClientQuery,
  Entry,
  EntryBytes,
  EntryFilter,
  EntryMatch,
  EntryOrigin,
  EntryQuery,
  EntryRecord,
  ImgCache,
  SimilarQuery,
  StoreStatus,
} from '../services/imgcache.js';
import { originalFilename } from '../services/original-filename.js';
import type { StagedImage } from '../services/staged-image.js';
import type { Blobs } from './blobs/blobs.js';
import { openBytes, type StoredBytes } from './blobs/read-bytes.js';
import { writeWithBytes } from './blobs/write-with-bytes.js';
import type { KeyedLock } from './keyed-lock.js';
import type { HashMatches } from './search/hash-matches.js';
import type { SimilarHashes } from './search/similar-hashes.js';
import { checkStorage } from './storage-health.js';
import type { EntryCounts } from './store/counts.js';
import type { NewEntry, Store } from './store/store.js';
import type { UrlSearch } from './store/url-search.js';

/** Sizes of batches: the first of a list serves a page, the later ones an export. */
const FIRST_BATCH = 100;
const BATCH = 500;

export interface EmbeddedImgCacheParts {
  store: Store;
  blobs: Blobs;
  /** The lock by content hash that the sweeper takes too. */
  locks: KeyedLock;
  urlSearch: UrlSearch;
  counts: EntryCounts;
  hashes: SimilarHashes;
}

/** Where the bytes of an entry came from; without times they are those of now. */
type NewOrigin = Omit<EntryRecord, 'lookupTime' | 'createdAt'> & Pick<NewEntry, 'lookupTime' | 'createdAt'>;

/** imgcache on tables and files of this process. */
export class EmbeddedImgCache implements ImgCache {
  readonly mode = 'EMBEDDED';
  readonly #store: Store;
  readonly #bytes: StoredBytes;
  readonly #locks: KeyedLock;
  readonly #urlSearch: UrlSearch;
  readonly #counts: EntryCounts;
  readonly #hashes: SimilarHashes;

  constructor({ store, blobs, locks, urlSearch, counts, hashes }: EmbeddedImgCacheParts) {
    this.#store = store;
    this.#bytes = { store, blobs };
    this.#locks = locks;
    this.#urlSearch = urlSearch;
    this.#counts = counts;
    this.#hashes = hashes;
  }

  async getMeta(contentHashes: readonly string[], signal?: AbortSignal): Promise<(Entry | null)[]> {
    signal?.throwIfAborted();
    const found = await this.#store.entries.find(contentHashes);
    return contentHashes.map((hash) => found.get(hash) ?? null);
  }

  async lookup(urls: readonly string[], signal?: AbortSignal): Promise<(Entry | null)[]> {
    signal?.throwIfAborted();
    const found = await this.#store.entries.findByUrl(urls);
    return urls.map((url) => found.get(url) ?? null);
  }

  async getUrls(contentHashes: readonly string[], signal?: AbortSignal): Promise<(readonly string[])[]> {
    signal?.throwIfAborted();
    const urls = await this.#store.entries.findUrls(contentHashes);
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
    const counts = await this.#store.entries.countUrls(several, limit + 1);
    const few = several.filter((hash) => (counts.get(hash) ?? 0) <= limit);
    const found = await this.#store.entries.findUrls(few);
    return entries.map(({ contentHash, url, urls = [url] }) => urls ?? found.get(contentHash) ?? null);
  }

  async countUrls(contentHashes: readonly string[], signal?: AbortSignal): Promise<number[]> {
    signal?.throwIfAborted();
    const counts = await this.#store.entries.countUrls(contentHashes, Number.MAX_SAFE_INTEGER);
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
    if (!filtered) return this.#store.entries.list(query);
    // An entry can go between the two reads, so a batch that lost some is filled up again.
    const entries: Entry[] = [];
    let after = query.after;
    for (;;) {
      const wanted = query.limit - entries.length;
      const found = await this.#urlSearch.searchUrls(
        { ...query, ...(after && { after }), limit: wanted },
        signal,
      );
      const known = await this.#store.entries.find(found.map(({ contentHash }) => contentHash));
      entries.push(...found.flatMap(({ contentHash }) => known.get(contentHash) ?? []));
      if (found.length < wanted || entries.length === query.limit) return entries;
      after = found.at(-1)!;
    }
  }

  async count(filter: EntryFilter, signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted();
    return this.#counts.countEntries(filter, signal);
  }

  async listClients(query: ClientQuery, signal?: AbortSignal): Promise<ClientCount[]> {
    signal?.throwIfAborted();
    return this.#counts.listClients(query, signal);
  }

  async *similar(
    { perceptualHash, maxHammingDistance, limit = Number.POSITIVE_INFINITY }: SimilarQuery,
    signal?: AbortSignal,
  ): AsyncIterable<readonly EntryMatch[]> {
    const hash = hashChunks(perceptualHash);
    const radius = maxHammingDistance;
    // All of them: what goes before its row is read is made up for by those behind the limit.
    const [found] = await this.#hashes.search([{ hash, radius, limit: Number.POSITIVE_INFINITY }], signal);
    const { seqs, distances } = found!;
    let left = limit;
    let size = FIRST_BATCH;
    for (let start = 0; start < seqs.length && left > 0; start += size, size = BATCH) {
      signal?.throwIfAborted();
      size = Math.min(size, left);
      const batch = {
        seqs: seqs.subarray(start, start + size),
        distances: distances.subarray(start, start + size),
      };
      const matches = withEntries(batch, await this.#store.entries.findBySeq([...batch.seqs]));
      if (matches.length > 0) yield matches;
      left -= matches.length;
    }
  }

  async similarToEach(
    queries: readonly Required<SimilarQuery>[],
    signal?: AbortSignal,
  ): Promise<EntryMatch[][]> {
    const searches = queries.map(({ perceptualHash, maxHammingDistance, limit }) => ({
      hash: hashChunks(perceptualHash),
      radius: maxHammingDistance,
      limit,
    }));
    const found = await this.#hashes.search(searches, signal);
    const seqs = new Set(found.flatMap((matches) => [...matches.seqs]));
    const entries = await this.#store.entries.findBySeq([...seqs]);
    const lists = found.map((matches) => withEntries(matches, entries));
    // An entry can go between the two reads; a list that lost one is searched for again.
    const lost = queries.filter((_, i) => lists[i]!.length < found[i]!.seqs.length);
    if (lost.length === 0) return lists;
    const again = (await this.similarToEach(lost, signal)).values();
    return lists.map((list, i) => (list.length < found[i]!.seqs.length ? again.next().value! : list));
  }

  async getBytes(
    contentHash: string,
    range?: ByteRange,
    signal?: CallSignal,
    known?: Entry,
  ): Promise<EntryBytes | null> {
    signal?.throwIfAborted();
    const entry = known ?? (await this.#store.entries.find([contentHash])).get(contentHash);
    if (!entry) return null;
    const { contentType, fileSizeBytes } = entry;
    return { stream: await openBytes(this.#bytes, contentHash, range, signal), contentType, fileSizeBytes };
  }

  store(
    image: StagedImage,
    { url, clientName, lookupTime, filename }: EntryOrigin,
    signal?: AbortSignal,
  ): Promise<{ entry: Entry; status: StoreStatus }> {
    const name = filename ?? originalFilename(url);
    return this.#write(image, { url, originalFilename: name, clientName, lookupTime }, signal);
  }

  restore(
    image: StagedImage,
    record: EntryRecord,
    signal?: AbortSignal,
  ): Promise<{ entry: Entry; status: StoreStatus }> {
    return this.#write(image, record, signal);
  }

  async #write(
    image: StagedImage,
    { facts: given, ...origin }: NewOrigin,
    signal?: AbortSignal,
  ): Promise<{ entry: Entry; status: StoreStatus }> {
    signal?.throwIfAborted();
    const { contentHash, size } = image;
    return this.#locks.run(contentHash, async () => {
      const [known] = await this.getMeta([contentHash]);
      const { contentType, width, height, perceptualHash } = known ?? given ?? (await image.facts());
      const facts = { contentType, width, height, perceptualHash };
      const row = { ...origin, ...facts, contentHash, fileSizeBytes: size };
      return writeWithBytes(this.#bytes, image, (written) => this.#store.entries.insert(row, written));
    });
  }

  async delete(contentHash: string, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted();
    return this.#locks.run(contentHash, () => this.#store.entries.delete(contentHash));
  }

  health(signal?: CallSignal): Promise<void> {
    return checkStorage(this.#store, this.#bytes.blobs, signal);
  }
}

/** The matches whose entries are still there. */
function withEntries({ seqs, distances }: HashMatches, entries: ReadonlyMap<number, Entry>): EntryMatch[] {
  return [...seqs].flatMap((seq, at) => {
    const entry = entries.get(seq);
    return entry ? [{ entry, hammingDistance: distances[at]! }] : [];
  });
}

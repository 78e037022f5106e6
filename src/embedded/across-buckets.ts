import { queryIn } from '../services/bucket-searches.js';
import type { CallSignal } from '../services/call-signal.js';
import { compareEntries } from '../services/entry-order.js';
import { hashChunks } from '../services/hamming-distance.js';
import type {
  BucketSearches,
  Entry,
  EntryMatch,
  EntryQuery,
  ImgCache,
  SimilarQuery,
} from '../services/imgcache.js';
import { mergeLists } from '../services/merge-lists.js';
import type { SimilarHashes } from './search/similar-hashes.js';
import { BATCH, FIRST_BATCH } from './similar-entries.js';
import type { Store } from './store/store.js';

/** The fewest entries that are read of the list of a bucket at a time. */
const LEAST_PART = 10;

export interface AcrossBucketsParts {
  store: Store;
  hashes: SimilarHashes;
  inBucket(bucket: string): Pick<ImgCache, 'search'>;
}

/** The searches in all buckets: each bucket is searched, and what is found merged. */
export class AcrossBuckets implements BucketSearches {
  readonly #parts: AcrossBucketsParts;

  constructor(parts: AcrossBucketsParts) {
    this.#parts = parts;
  }

  async find(contentHash: string, signal?: CallSignal): Promise<readonly Entry[]> {
    signal?.throwIfAborted();
    return this.#parts.store.buckets.find(contentHash);
  }

  async lookup(urls: readonly string[], signal?: CallSignal): Promise<(Entry | null)[]> {
    signal?.throwIfAborted();
    const found = await this.#parts.store.buckets.findByUrl(urls);
    return urls.map((url) => found.get(url) ?? null);
  }

  async *search({ limit, ...query }: EntryQuery, signal?: CallSignal): AsyncGenerator<readonly Entry[]> {
    signal?.throwIfAborted();
    const wanted = limit ?? Number.POSITIVE_INFINITY;
    if (wanted === 0) return;
    const buckets = await this.#parts.store.buckets.list();
    const part = Math.max(LEAST_PART, Math.min(Math.ceil((2 * wanted) / buckets.length), BATCH));
    const lists = buckets.map((bucket) =>
      this.#partsOf(bucket, { ...queryIn(bucket, query), limit: part }, signal),
    );
    const compare = (a: Entry, b: Entry) => compareEntries(query.order, a, b);
    let left = wanted;
    for await (const batch of mergeLists(lists, compare, Math.min(wanted, FIRST_BATCH))) {
      yield batch.slice(0, left);
      left -= batch.length;
      if (left <= 0) return;
    }
  }

  #partsOf(bucket: string, query: EntryQuery & { limit: number }, signal: CallSignal | undefined) {
    const imgcache = this.#parts.inBucket(bucket);
    let { after } = query;
    let isAtEnd = false;
    return async () => {
      if (isAtEnd) return [];
      const part: Entry[] = [];
      for await (const entries of imgcache.search({ ...query, ...(after && { after }) }, signal))
        part.push(...entries.map((entry) => ({ ...entry, bucket })));
      isAtEnd = part.length < query.limit;
      after = part.at(-1);
      return part;
    };
  }

  async *similar(
    { perceptualHash, maxHammingDistance, limit = Number.POSITIVE_INFINITY }: SimilarQuery,
    signal?: CallSignal,
  ): AsyncGenerator<readonly EntryMatch[]> {
    const { store, hashes } = this.#parts;
    const query = {
      hash: hashChunks(perceptualHash),
      radius: maxHammingDistance,
      limit: Number.POSITIVE_INFINITY,
    };
    const found: FoundHash[] = [];
    for (const bucket of await store.buckets.list()) {
      const [matches] = await hashes.search(bucket, [query], signal);
      for (const [at, seq] of matches!.seqs.entries()) found.push({ seq, distance: matches!.distances[at]! });
    }
    found.sort((a, b) => a.distance - b.distance || a.seq - b.seq);
    let left = limit;
    for (let start = 0, size = 0; start < found.length && left > 0; start += size) {
      signal?.throwIfAborted();
      size = Math.min(FIRST_BATCH, left);
      const batch = found.slice(start, start + size);
      const entries = await store.buckets.findBySeq(batch.map(({ seq }) => seq));
      const matches = batch.flatMap(({ seq, distance }) => {
        const entry = entries.get(seq);
        return entry ? [{ entry, hammingDistance: distance }] : [];
      });
      if (matches.length > 0) yield matches;
      left -= matches.length;
    }
  }
}

interface FoundHash {
  seq: number;
  distance: number;
}

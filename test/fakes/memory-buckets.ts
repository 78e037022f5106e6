import { blake3 } from 'hash-wasm';
import { compareText } from '#src/services/compare-text.js';
import type { Entry, EntryMatch } from '#src/services/entry.js';
import { compareEntries } from '#src/services/entry-order.js';
import type { EntryQuery, SimilarQuery } from '#src/services/entry-query.js';
import type { BucketSearches, ImgCache } from '#src/services/imgcache.js';
import { MemoryImgCache } from './memory-imgcache.js';

/** A bucket over Maps. */
class MemoryBucket extends MemoryImgCache {
  async listPrefixes(): Promise<(string | null)[]> {
    const prefixes = new Set(this.entries.map(({ prefix = null }) => prefix));
    const named = [...prefixes].filter((prefix) => prefix !== null).toSorted(compareText);
    return prefixes.has(null) ? [null, ...named] : named;
  }
}

/** An imgcache of several buckets over Maps, with the empty one as that of calls that name none. */
export class MemoryBuckets extends MemoryBucket {
  readonly #others = new Map<string, MemoryBucket>();

  constructor() {
    super('');
  }

  inBucket(bucket: string): MemoryBucket {
    if (bucket === '') return this;
    const known = this.#others.get(bucket) ?? new MemoryBucket(bucket);
    this.#others.set(bucket, known);
    return known;
  }

  async defaultBucket(): Promise<string> {
    return '';
  }

  async listBuckets(): Promise<string[]> {
    const all = [...this.#all].filter(([, { entries }]) => entries.length > 0);
    return all.map(([name]) => name).toSorted(compareText);
  }

  /** Each asks all buckets for all that there is. */
  acrossBuckets(): BucketSearches {
    const all = async <T>(of: (bucket: ImgCache) => AsyncIterable<readonly T[]>, named: Named<T>) => {
      const found: T[] = [];
      for (const [name, bucket] of this.#all)
        for await (const batch of of(bucket)) found.push(...batch.map((each) => named(each, name)));
      return found;
    };
    const inBucket = (bucket: string) => this.inBucket(bucket);
    const search = async ({ limit, ...query }: EntryQuery) => {
      const found = await all<Entry>(
        (bucket) => bucket.search(query),
        (entry, bucket) => ({ ...entry, bucket }),
      );
      return found.sort((a, b) => compareIn(query.order, a, b)).slice(0, limit);
    };
    const similar = async ({ limit, ...query }: SimilarQuery) => {
      const found = await all<EntryMatch>(
        (bucket) => bucket.similar(query),
        (match, bucket) => ({ ...match, entry: { ...match.entry, bucket } }),
      );
      return found
        .sort((a, b) => a.hammingDistance - b.hammingDistance || compareIn('OLDEST_FIRST', a.entry, b.entry))
        .slice(0, limit);
    };
    return {
      find: async (contentHash) =>
        (await search({ order: 'NEWEST_FIRST' })).filter((entry) => entry.contentHash === contentHash),
      async lookup(urls) {
        const found: (Entry | null)[] = urls.map(() => null);
        for (const newest of await search({ order: 'OLDEST_FIRST' })) {
          const [known] = await inBucket(newest.bucket!).getUrls([newest.contentHash]);
          for (const [at, url] of urls.entries()) if (known!.includes(url)) found[at] = newest;
        }
        return found;
      },
      search: async function* (query) {
        yield await search(query);
      },
      similar: async function* (query) {
        yield await similar(query);
      },
    };
  }

  async getBlake3(contentHashes: readonly string[]): Promise<(string | null)[]> {
    const known = await this.#blake3();
    return contentHashes.map((hash) => known.get(hash) ?? null);
  }

  async findByBlake3(hashes: readonly string[]): Promise<(string | null)[]> {
    const known = [...(await this.#blake3())];
    return hashes.map((hash) => known.find(([, named]) => named === hash)?.[0] ?? null);
  }

  /** Of all bytes, by their content hashes. */
  async #blake3(): Promise<Map<string, string>> {
    const known = new Map<string, string>();
    for (const bucket of this.#all.values())
      for (const { contentHash } of bucket.entries) {
        const { stream } = (await bucket.getBytes(contentHash))!;
        known.set(contentHash, await blake3(Buffer.concat(await stream.toArray())));
      }
    return known;
  }

  get #all(): Map<string, MemoryBucket> {
    return new Map<string, MemoryBucket>([['', this], ...this.#others]);
  }
}

type Named<T> = (found: T, bucket: string) => T;

function compareIn(order: EntryQuery['order'], a: Entry, b: Entry): number {
  return compareEntries(order, a, b) || compareText(a.bucket!, b.bucket!);
}

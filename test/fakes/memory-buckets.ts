import { blake3 } from 'hash-wasm';
import { compareEntries } from '#src/services/entry-order.js';
import type { BucketSearches, Entry, EntryMatch, ImgCache } from '#src/services/imgcache.js';
import { collect } from '../harness/collect.js';
import { MemoryImgCache } from './memory-imgcache.js';

/** An imgcache in memory with buckets, and with the BLAKE3 of its bytes: every rule of these in its plainest form. */
export class MemoryBuckets extends MemoryImgCache {
  readonly #buckets = new Map<string, MemoryImgCache>();

  constructor() {
    super('');
    this.#buckets.set('', this);
  }

  inBucket(name: string): ImgCache {
    const bucket = this.#buckets.get(name) ?? new PrefixedBucket(name);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  async defaultBucket(): Promise<string> {
    return '';
  }

  async listBuckets(): Promise<string[]> {
    const names: string[] = [];
    for (const [name, bucket] of this.#buckets) if ((await bucket.count({})) > 0) names.push(name);
    return names.sort();
  }

  acrossBuckets(): BucketSearches {
    const all = async () => (await Promise.all(Array.from(this.#buckets.values(), everything))).flat();
    const newest = (entries: readonly Entry[]) =>
      entries.toSorted((a, b) => compareEntries('NEWEST_FIRST', a, b));
    const buckets = this.#buckets;
    return {
      async lookup(urls) {
        const found = await Promise.all(Array.from(buckets.values(), (bucket) => bucket.lookup(urls)));
        return urls.map((_, at) => newest(found.flatMap((entries) => entries[at] ?? []))[0] ?? null);
      },
      find: async (contentHash) => newest((await all()).filter((entry) => entry.contentHash === contentHash)),
      async *search({ order, after, before, limit, filter = {} }) {
        const found = await Promise.all(
          Array.from(buckets.values(), (bucket) => collect(bucket.search({ order, filter }))),
        );
        yield found
          .flat(2)
          .filter((entry) => !after || compareEntries(order, entry, after) > 0)
          .filter((entry) => !before || compareEntries(order, entry, before) < 0)
          .sort((a, b) => compareEntries(order, a, b))
          .slice(0, limit);
      },
      async *similar({ limit, ...query }) {
        const found = await Promise.all(
          Array.from(buckets.values(), (bucket) => collect(bucket.similar(query))),
        );
        yield found.flat(2).sort(compareMatches).slice(0, limit);
      },
    };
  }

  listPrefixes(): Promise<(string | null)[]> {
    return prefixesOf(this);
  }

  async getBlake3(contentHashes: readonly string[]): Promise<(string | null)[]> {
    const known = await this.#blake3();
    return contentHashes.map((hash) => known.get(hash) ?? null);
  }

  async findByBlake3(hashes: readonly string[]): Promise<(string | null)[]> {
    const known = Array.from(await this.#blake3(), ([contentHash, hash]) => [hash, contentHash] as const);
    const byBlake3 = new Map(known);
    return hashes.map((hash) => byBlake3.get(hash) ?? null);
  }

  async #blake3(): Promise<Map<string, string>> {
    const known = new Map<string, string>();
    for (const bucket of this.#buckets.values())
      for (const { contentHash } of await everything(bucket)) {
        const { stream } = (await bucket.getBytes(contentHash))!;
        known.set(contentHash, await blake3(Buffer.concat(await stream.toArray())));
      }
    return known;
  }
}

class PrefixedBucket extends MemoryImgCache {
  listPrefixes(): Promise<(string | null)[]> {
    return prefixesOf(this);
  }
}

async function everything(bucket: ImgCache): Promise<Entry[]> {
  return (await collect(bucket.search({ order: 'OLDEST_FIRST' }))).flat();
}

async function prefixesOf(bucket: ImgCache): Promise<(string | null)[]> {
  const prefixes = (await everything(bucket)).map(({ prefix = null }) => prefix);
  return [...new Set(prefixes)].sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1));
}

function compareMatches(a: EntryMatch, b: EntryMatch): number {
  if (a.hammingDistance !== b.hammingDistance) return a.hammingDistance - b.hammingDistance;
  // Oldest first, then by content hash.
  return a.entry.createdAt === b.entry.createdAt
    ? compareEntries('NEWEST_FIRST', a.entry, b.entry)
    : compareEntries('OLDEST_FIRST', a.entry, b.entry);
}

import DataLoader from 'dataloader';
import { inBucket } from '../../services/bucket.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { Entry, EntryMatch } from '../../services/entry.js';
import type {
  ClientCount,
  ClientQuery,
  EntryFilter,
  EntryQuery,
  SimilarQuery,
} from '../../services/entry-query.js';
import type { ImgCache } from '../../services/imgcache.js';
import { SeenEntries } from './seen-entries.js';
import { settleAll } from './settle.js';

export type EntryPage = EntryQuery & { limit: number };
export type SimilarKey = Required<SimilarQuery>;

/** The reads of one request from imgcache: none is made twice, and all end with the request. */
export interface EntryLoaders {
  /**
   * Those of one bucket alone, as those of another one; these where none is named.
   * @throws ServiceError UNSUPPORTED where imgcache has no buckets
   */
  inBucket(bucket: string | null | undefined): EntryLoaders;
  byContentHash: DataLoader<string, Entry | null>;
  byUrl: DataLoader<string, Entry | null>;
  page: DataLoader<EntryPage, readonly Entry[], string>;
  /** How many entries a filter selects; null where imgcache cannot say. */
  count: DataLoader<EntryFilter, number | null, string>;
  clients: DataLoader<ClientQuery, readonly ClientCount[], string>;
  similar: DataLoader<SimilarKey, readonly EntryMatch[], string>;
  /** The same entry with all that is known of it; what is at hand, where it has gone meanwhile. */
  whole(entry: Entry): Promise<Entry> | Entry;
  /** Every URL that the bytes of an entry were stored under, in the order in which they came. */
  urlsOf(entry: Entry): Promise<readonly string[]> | readonly string[];
  countUrlsOf(entry: Entry): Promise<number> | number;
  /** After a change, what was read before is asked again. */
  clearAll(): void;
}

export function createEntryLoaders(imgcache: ImgCache, signal: CallSignal): EntryLoaders {
  return new LazyEntryLoaders(imgcache, signal);
}

/** Makes each loader when it is first asked for: most requests need one of the eight. */
class LazyEntryLoaders implements EntryLoaders {
  readonly #imgcache: ImgCache;
  readonly #signal: CallSignal;
  readonly #seen = new SeenEntries();
  /** Those that were made. */
  readonly #loaders: { clearAll(): unknown }[] = [];
  #buckets: Map<string, EntryLoaders> | undefined;
  #byContentHash: EntryLoaders['byContentHash'] | undefined;
  #byUrl: EntryLoaders['byUrl'] | undefined;
  #page: EntryLoaders['page'] | undefined;
  #count: EntryLoaders['count'] | undefined;
  #clients: EntryLoaders['clients'] | undefined;
  #similar: EntryLoaders['similar'] | undefined;
  #urls: DataLoader<string, readonly string[]> | undefined;
  #urlCount: DataLoader<string, number> | undefined;

  constructor(imgcache: ImgCache, signal: CallSignal) {
    this.#imgcache = imgcache;
    this.#signal = signal;
  }

  inBucket(bucket: string | null | undefined): EntryLoaders {
    if (bucket === null || bucket === undefined) return this;
    this.#buckets ??= new Map();
    const known =
      this.#buckets.get(bucket) ?? createEntryLoaders(inBucket(this.#imgcache, bucket), this.#signal);
    this.#buckets.set(bucket, known);
    return known;
  }

  get byContentHash(): EntryLoaders['byContentHash'] {
    this.#byContentHash ??= this.#keep(new DataLoader((hashes) => this.#readByContentHash(hashes)));
    return this.#byContentHash;
  }

  get byUrl(): EntryLoaders['byUrl'] {
    this.#byUrl ??= this.#keep(
      new DataLoader(async (urls) => {
        const entries = await this.#imgcache.lookup(urls, this.#signal);
        this.#seen.add(entries);
        return entries;
      }),
    );
    return this.#byUrl;
  }

  get page(): EntryLoaders['page'] {
    this.#page ??= this.#keep(
      new DataLoader((queries) => settleAll(queries, (query) => this.#readPage(query)), {
        cacheKeyFn: JSON.stringify,
      }),
    );
    return this.#page;
  }

  get count(): EntryLoaders['count'] {
    this.#count ??= this.#keep(
      new DataLoader(
        (filters) => settleAll(filters, (filter) => this.#imgcache.count(filter, this.#signal)),
        { cacheKeyFn: JSON.stringify },
      ),
    );
    return this.#count;
  }

  get clients(): EntryLoaders['clients'] {
    this.#clients ??= this.#keep(
      new DataLoader(
        (queries) => settleAll(queries, (query) => this.#imgcache.listClients(query, this.#signal)),
        { cacheKeyFn: JSON.stringify },
      ),
    );
    return this.#clients;
  }

  get similar(): EntryLoaders['similar'] {
    this.#similar ??= this.#keep(
      new DataLoader((queries) => this.#search(queries), {
        cacheKeyFn: (key) => `${key.perceptualHash} ${key.maxHammingDistance} ${key.limit}`,
      }),
    );
    return this.#similar;
  }

  whole(entry: Entry): Promise<Entry> | Entry {
    return entry.brief ? this.byContentHash.load(entry.contentHash).then((read) => read ?? entry) : entry;
  }

  urlsOf(entry: Entry): Promise<readonly string[]> | readonly string[] {
    const atHand = urlsAtHand(entry);
    if (atHand) return atHand;
    this.#urls ??= this.#keep(new DataLoader((hashes) => this.#imgcache.getUrls(hashes, this.#signal)));
    return this.#urls.load(entry.contentHash);
  }

  countUrlsOf(entry: Entry): Promise<number> | number {
    const atHand = urlsAtHand(entry);
    if (atHand) return atHand.length;
    this.#urlCount ??= this.#keep(new DataLoader((hashes) => this.#imgcache.countUrls(hashes, this.#signal)));
    return this.#urlCount.load(entry.contentHash);
  }

  clearAll(): void {
    this.#seen.clear();
    for (const loader of this.#loaders) loader.clearAll();
    for (const each of this.#buckets?.values() ?? []) each.clearAll();
  }

  #keep<Loader extends { clearAll(): unknown }>(loader: Loader): Loader {
    this.#loaders.push(loader);
    return loader;
  }

  async #readByContentHash(hashes: readonly string[]): Promise<(Entry | null)[]> {
    const unseen = hashes.filter((hash) => !this.#seen.get(hash));
    if (unseen.length > 0) this.#seen.add(await this.#imgcache.getMeta(unseen, this.#signal));
    return hashes.map((hash) => this.#seen.get(hash) ?? null);
  }

  async #readPage(query: EntryPage): Promise<readonly Entry[]> {
    const batches = this.#imgcache.search({ ...query, mayBeBrief: true }, this.#signal);
    const entries = await takeFirst(batches, query.limit);
    this.#seen.add(entries);
    return entries;
  }

  async #search(queries: readonly SimilarKey[]): Promise<readonly (readonly EntryMatch[] | Error)[]> {
    const search = (query: SimilarKey) => takeFirst(this.#imgcache.similar(query, this.#signal), query.limit);
    const lists = await (this.#imgcache.similarToEach?.(queries, this.#signal) ?? settleAll(queries, search));
    for (const matches of lists) if (!(matches instanceof Error)) this.#seen.addMatches(matches);
    return lists;
  }
}

function urlsAtHand({ brief, url, urls = [url] }: Entry): readonly string[] | null {
  return brief ? null : urls;
}

/** The first items of a list that comes in batches; the rest is never read. */
async function takeFirst<T>(batches: AsyncIterable<readonly T[]>, count: number): Promise<readonly T[]> {
  let taken: readonly T[] = [];
  for await (const batch of batches) {
    taken = taken.length === 0 ? batch : [...taken, ...batch];
    if (taken.length >= count) break;
  }
  return taken.length > count ? taken.slice(0, count) : taken;
}

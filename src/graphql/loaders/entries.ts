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
  const seen = new SeenEntries();
  const byContentHash = new DataLoader(async (hashes: readonly string[]) => {
    const unseen = hashes.filter((hash) => !seen.get(hash));
    if (unseen.length > 0) seen.add(await imgcache.getMeta(unseen, signal));
    return hashes.map((hash) => seen.get(hash) ?? null);
  });
  const byUrl = new DataLoader(async (urls: readonly string[]) => {
    const entries = await imgcache.lookup(urls, signal);
    seen.add(entries);
    return entries;
  });
  const page = new DataLoader(
    (queries: readonly EntryPage[]) =>
      settleAll(queries, async (query) => {
        const entries = await takeFirst(imgcache.search({ ...query, mayBeBrief: true }, signal), query.limit);
        seen.add(entries);
        return entries;
      }),
    { cacheKeyFn: JSON.stringify },
  );
  const count = new DataLoader(
    (filters: readonly EntryFilter[]) => settleAll(filters, (filter) => imgcache.count(filter, signal)),
    { cacheKeyFn: JSON.stringify },
  );
  const clients = new DataLoader(
    (queries: readonly ClientQuery[]) => settleAll(queries, (query) => imgcache.listClients(query, signal)),
    { cacheKeyFn: JSON.stringify },
  );
  const similar = new DataLoader(
    async (queries: readonly SimilarKey[]) => {
      const search = (query: SimilarKey) => takeFirst(imgcache.similar(query, signal), query.limit);
      const lists = await (imgcache.similarToEach?.(queries, signal) ?? settleAll(queries, search));
      for (const matches of lists) if (!(matches instanceof Error)) seen.addMatches(matches);
      return lists;
    },
    { cacheKeyFn: (key) => `${key.perceptualHash} ${key.maxHammingDistance} ${key.limit}` },
  );
  const urls = new DataLoader((hashes: readonly string[]) => imgcache.getUrls(hashes, signal));
  const urlCount = new DataLoader((hashes: readonly string[]) => imgcache.countUrls(hashes, signal));
  const loaders = [byContentHash, byUrl, page, count, clients, similar, urls, urlCount];
  const buckets = new Map<string, EntryLoaders>();
  const own: EntryLoaders = {
    inBucket(bucket) {
      if (bucket === null || bucket === undefined) return own;
      const known = buckets.get(bucket) ?? createEntryLoaders(inBucket(imgcache, bucket), signal);
      buckets.set(bucket, known);
      return known;
    },
    byContentHash,
    byUrl,
    page,
    count,
    clients,
    similar,
    whole: (entry) =>
      entry.brief ? byContentHash.load(entry.contentHash).then((read) => read ?? entry) : entry,
    urlsOf: (entry) => urlsAtHand(entry) ?? urls.load(entry.contentHash),
    countUrlsOf: (entry) => urlsAtHand(entry)?.length ?? urlCount.load(entry.contentHash),
    clearAll() {
      seen.clear();
      for (const loader of loaders) loader.clearAll();
      for (const each of buckets.values()) each.clearAll();
    },
  };
  return own;
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

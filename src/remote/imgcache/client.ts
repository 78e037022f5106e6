import { SharedReads } from '../../request/shared-reads.js';
import { noBuckets } from '../../services/bucket.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { Hashing } from '../../services/entry.js';
import type { BucketSearches, ImgCache, ImgCacheDialect } from '../../services/imgcache.js';
import { createServiceClient, type ServiceClientOptions, type ServiceStatus } from '../http/client.js';
import { readBuckets } from './cache/buckets.js';
import { createCacheDialect } from './cache/dialect.js';
import { createCacheSearches } from './cache/searches.js';
import { DecodedLists } from './decoded-lists.js';
import { DialectChoice } from './dialect-choice.js';
import { createImagesDialect } from './images/dialect.js';
import { MAX_CONCURRENT, saysAbsent } from './requests.js';

export interface ImgCacheClientOptions
  extends Pick<ServiceClientOptions, 'baseUrl' | 'timeoutMs' | 'onCall' | 'onBreaker' | 'tracer'> {
  /** @default it is found out at the first call, and again when the server turns out to speak another one */
  dialect?: ImgCacheDialect | undefined;
  /**
   * The bucket of calls that name none, at a server that has several.
   * @default 'default', as in its own client
   */
  bucket?: string | undefined;
}

export interface ImgCacheClient extends ImgCache {
  hashing(signal?: CallSignal): Promise<Hashing>;
  /** Null as long as it was not found out. */
  dialect(): ImgCacheDialect | null;
  status(): ServiceStatus;
  /** Ends all calls and closes the connections. */
  close(): Promise<void>;
}

/** imgcache over its REST protocol, in either dialect. */
export function createImgCacheClient({
  dialect,
  bucket = 'default',
  ...options
}: ImgCacheClientOptions): ImgCacheClient {
  const client = createServiceClient({
    ...options,
    service: 'IMGCACHE',
    maxConcurrent: MAX_CONCURRENT,
    isNotFound: saysAbsent,
  });
  const reads = new SharedReads();
  const parts = { client, reads, decoded: new DecodedLists() };
  const choice = new DialectChoice(client, reads, dialect);
  const hashing = async (signal?: CallSignal): Promise<Hashing> =>
    (await choice.find(signal)) === 'CACHE' ? 'BLAKE3' : 'BLAKE2B';
  const [inImages, inCache] = [createImagesDialect(parts), createCacheDialect(parts, { name: bucket })];
  const [acrossImages, acrossCache] = [searchesOf(inImages), createCacheSearches(parts)];
  const unnamed = switching(choice, (spoken) => (spoken === 'CACHE' ? inCache : inImages));
  const searches = switchingSearches(choice, (spoken) => (spoken === 'CACHE' ? acrossCache : acrossImages));

  return {
    ...unnamed,
    hashing,
    defaultBucket: (signal) => choice.ask(async (spoken) => (spoken === 'CACHE' ? bucket : null), signal),
    listBuckets: (signal) =>
      choice.ask(async (spoken) => (spoken === 'CACHE' ? readBuckets(parts, signal) : null), signal),
    inBucket(name) {
      if (name === bucket) return unnamed;
      const named = createCacheDialect(parts, { name, isTold: true });
      return switching(choice, (spoken) => {
        if (spoken !== 'CACHE') throw noBuckets();
        return named;
      });
    },
    acrossBuckets: () => searches,
    dialect: () => choice.spoken,
    status: () => client.status(),
    close: () => client.close(),
  };
}

/** The searches of a server without buckets. */
function searchesOf(imgcache: ImgCache): BucketSearches {
  const { lookup, search, similar } = imgcache;
  const find: BucketSearches['find'] = async (contentHash, signal) =>
    (await imgcache.getMeta([contentHash], signal)).filter((entry) => entry !== null);
  return { lookup, search, similar, find };
}

/** The calls to a server, each in the dialect that it speaks. */
function switching(choice: DialectChoice, of: (dialect: ImgCacheDialect) => ImgCache): ImgCache {
  const { ask, list } = callsOf(choice, of);
  return {
    mode: 'REMOTE',
    getMeta: (hashes, signal) => ask((imgcache) => imgcache.getMeta(hashes, signal), signal),
    getUrls: (hashes, signal) => ask((imgcache) => imgcache.getUrls(hashes, signal), signal),
    getFewUrls: (entries, limit, signal) =>
      ask((imgcache) => imgcache.getFewUrls(entries, limit, signal), signal),
    lookup: (urls, signal) => ask((imgcache) => imgcache.lookup(urls, signal), signal),
    countUrls: (hashes, signal) => ask((imgcache) => imgcache.countUrls(hashes, signal), signal),
    search: (query, signal) => list((imgcache) => imgcache.search(query, signal), signal),
    count: (filter, signal) => ask((imgcache) => imgcache.count(filter, signal), signal),
    listClients: (query, signal) => ask((imgcache) => imgcache.listClients(query, signal), signal),
    listPrefixes: (signal) => ask(async (imgcache) => imgcache.listPrefixes?.(signal) ?? [], signal),
    similar: (query, signal) => list((imgcache) => imgcache.similar(query, signal), signal),
    getBytes: (hash, range, signal) => ask((imgcache) => imgcache.getBytes(hash, range, signal), signal),
    store: (image, origin, signal) => ask((imgcache) => imgcache.store(image, origin, signal), signal),
    delete: (hash, signal) => ask((imgcache) => imgcache.delete(hash, signal), signal),
    health: (signal) => ask((imgcache) => imgcache.health(signal), signal),
  };
}

/** The searches in all buckets of a server, each in the dialect that it speaks. */
function switchingSearches(
  choice: DialectChoice,
  of: (dialect: ImgCacheDialect) => BucketSearches,
): BucketSearches {
  const { ask, list } = callsOf(choice, of);
  return {
    lookup: (urls, signal) => ask((searches) => searches.lookup(urls, signal), signal),
    find: (hash, signal) => ask((searches) => searches.find(hash, signal), signal),
    search: (query, signal) => list((searches) => searches.search(query, signal), signal),
    similar: (query, signal) => list((searches) => searches.similar(query, signal), signal),
  };
}

/** How what there is for each dialect is called: for the one that the server speaks. */
function callsOf<Calls>(choice: DialectChoice, of: (dialect: ImgCacheDialect) => Calls) {
  return {
    ask: <T>(call: (calls: Calls) => Promise<T>, signal: CallSignal | undefined) =>
      choice.ask((dialect) => call(of(dialect)), signal),
    list: <T>(call: (calls: Calls) => AsyncIterable<readonly T[]>, signal: CallSignal | undefined) =>
      choice.list((dialect) => call(of(dialect)), signal),
  };
}

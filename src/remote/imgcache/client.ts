import { SharedReads } from '../../request/shared-reads.js';
import type { CallSignal } from '../../services/call-signal.js';
import type { Hashing, ImgCache, ImgCacheDialect } from '../../services/imgcache.js';
import { createServiceClient, type ServiceClientOptions, type ServiceStatus } from '../http/client.js';
import { createCacheDialect } from './cache/dialect.js';
import { DecodedLists } from './decoded-lists.js';
import { findDialect, isOtherServer } from './find-dialect.js';
import { createImagesDialect } from './images/dialect.js';
import { MAX_CONCURRENT, saysAbsent } from './requests.js';

export interface ImgCacheClientOptions
  extends Pick<ServiceClientOptions, 'baseUrl' | 'timeoutMs' | 'onCall' | 'onBreaker' | 'tracer'> {
  /** @default it is found out at the first call, and again when the server turns out to speak another one */
  dialect?: ImgCacheDialect | undefined;
  /**
   * The bucket of a server that has several.
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
  dialect: given,
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
  const dialects: Readonly<Record<ImgCacheDialect, ImgCache>> = {
    IMAGES: createImagesDialect(parts),
    CACHE: createCacheDialect(parts, bucket),
  };
  let spoken: ImgCacheDialect | null = given ?? null;

  async function find(signal: CallSignal | undefined): Promise<ImgCacheDialect> {
    spoken = await reads.read('the dialect', (shared) => findDialect(client, shared), signal);
    return spoken;
  }

  /** The dialect to try once more in after a call in another one failed; null where that would fail too. */
  async function findAfter(
    error: unknown,
    tried: ImgCacheDialect,
    signal: CallSignal | undefined,
  ): Promise<ImgCacheDialect | null> {
    if (given !== undefined || !isOtherServer(error)) return null;
    const found = await find(signal);
    return found === tried ? null : found;
  }

  async function ask<T>(
    call: (imgcache: ImgCache) => Promise<T>,
    signal: CallSignal | undefined,
  ): Promise<T> {
    const tried = spoken ?? (await find(signal));
    try {
      return await call(dialects[tried]);
    } catch (error) {
      const other = await findAfter(error, tried, signal);
      if (other === null) throw error;
      return call(dialects[other]);
    }
  }

  async function* list<T>(
    call: (imgcache: ImgCache) => AsyncIterable<readonly T[]>,
    signal: CallSignal | undefined,
  ): AsyncIterable<readonly T[]> {
    const tried = spoken ?? (await find(signal));
    let begun = false;
    try {
      for await (const batch of call(dialects[tried])) {
        begun = true;
        yield batch;
      }
    } catch (error) {
      const other = begun ? null : await findAfter(error, tried, signal);
      if (other === null) throw error;
      yield* call(dialects[other]);
    }
  }

  return {
    mode: 'REMOTE',
    hashing: async (signal) => ((spoken ?? (await find(signal))) === 'CACHE' ? 'BLAKE3' : 'BLAKE2B'),
    getMeta: (hashes, signal) => ask((imgcache) => imgcache.getMeta(hashes, signal), signal),
    getUrls: (hashes, signal) => ask((imgcache) => imgcache.getUrls(hashes, signal), signal),
    getFewUrls: (entries, limit, signal) =>
      ask((imgcache) => imgcache.getFewUrls(entries, limit, signal), signal),
    lookup: (urls, signal) => ask((imgcache) => imgcache.lookup(urls, signal), signal),
    countUrls: (hashes, signal) => ask((imgcache) => imgcache.countUrls(hashes, signal), signal),
    search: (query, signal) => list((imgcache) => imgcache.search(query, signal), signal),
    count: (filter, signal) => ask((imgcache) => imgcache.count(filter, signal), signal),
    listClients: (query, signal) => ask((imgcache) => imgcache.listClients(query, signal), signal),
    similar: (query, signal) => list((imgcache) => imgcache.similar(query, signal), signal),
    getBytes: (hash, range, signal) => ask((imgcache) => imgcache.getBytes(hash, range, signal), signal),
    store: (image, origin, signal) => ask((imgcache) => imgcache.store(image, origin, signal), signal),
    delete: (hash, signal) => ask((imgcache) => imgcache.delete(hash, signal), signal),
    health: (signal) => ask((imgcache) => imgcache.health(signal), signal),
    dialect: () => spoken,
    status: () => client.status(),
    close: () => client.close(),
  };
}

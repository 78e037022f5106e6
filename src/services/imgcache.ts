import type { CallSignal } from './call-signal.js';
import type { ByteRange, Entry, EntryBytes, EntryMatch, Hashing } from './entry.js';
import type { EntryOrigin, EntryRecord, StoreStatus } from './entry-origin.js';
import type { ClientCount, ClientQuery, EntryFilter, EntryQuery, SimilarQuery } from './entry-query.js';
import type { ServiceMode } from './errors.js';
import type { StagedImage } from './staged-image.js';

/**
 * The protocol of a remote imgcache. IMAGES: `/images`, of the documented client. CACHE: `/cache` and `/browse`, of the
 * server that its author runs today.
 */
export type ImgCacheDialect = 'IMAGES' | 'CACHE';

/** The reads of entries that go across buckets. What they give names its bucket. */
export interface BucketSearches extends Pick<ImgCache, 'lookup' | 'search' | 'similar'> {
  /** The entries of these bytes, in all buckets, the newest first. */
  find(contentHash: string, signal?: CallSignal): Promise<readonly Entry[]>;
}

/** The name that a service has for bytes, whether it holds them or not. */
export async function contentHashAt(
  { hashing }: Pick<ImgCache, 'hashing'>,
  image: Pick<StagedImage, 'contentHash' | 'blake3'>,
  signal?: CallSignal,
): Promise<string> {
  return (await hashing?.(signal)) === 'BLAKE3' ? image.blake3() : image.contentHash;
}

/**
 * imgcache's operations. Absence is null; failure is a ServiceError. Reads by key take many keys, and their results have
 * the order of the keys. Lists come in batches, so that the first of them can be used before the last is read; leaving the loop
 * early ends the work.
 */
export interface ImgCache {
  readonly mode: ServiceMode;

  /**
   * How it names bytes.
   * @default BLAKE2B
   */
  hashing?(signal?: CallSignal): Promise<Hashing>;

  /**
   * The same service in one bucket alone, whose entries and calls have nothing to do with those of others. A bucket is there as soon as
   * something is stored in it. Absent where there are none; where that is not known beforehand, calls fail as UNSUPPORTED.
   */
  inBucket?(bucket: string): ImgCache;

  /** The bucket of calls that name none; null, or absent, where there are no buckets. */
  defaultBucket?(signal?: CallSignal): Promise<string | null>;

  /** The names of all buckets, in the order of code points; null, or absent, where there are none. */
  listBuckets?(signal?: CallSignal): Promise<readonly string[] | null>;

  /** The searches in all buckets at once. Absent where there are none. */
  acrossBuckets?(): BucketSearches;

  /** The prefixes of the entries of this bucket, in the order of code points, null first. Absent where none are noted. */
  listPrefixes?(signal?: CallSignal): Promise<readonly (string | null)[]>;

  /**
   * The BLAKE3 of the bytes of each of these content hashes; null where they are not here, or where it is not known yet. Absent
   * where content hashes are BLAKE3, and where it is not known at all.
   */
  getBlake3?(contentHashes: readonly string[], signal?: CallSignal): Promise<(string | null)[]>;

  /** The other way round: the content hash of the bytes with each of these BLAKE3. */
  findByBlake3?(blake3: readonly string[], signal?: CallSignal): Promise<(string | null)[]>;

  getMeta(contentHashes: readonly string[], signal?: CallSignal): Promise<(Entry | null)[]>;

  /** Finds for each URL the entry with the newest createdAt among those stored under exactly it. */
  lookup(urls: readonly string[], signal?: CallSignal): Promise<(Entry | null)[]>;

  /**
   * Every URL that the bytes were stored under, in the order in which they came; empty where there is no such entry. There may be
   * very many. The original knows only the first.
   */
  getUrls(contentHashes: readonly string[], signal?: CallSignal): Promise<(readonly string[])[]>;

  /** Every URL of entries at hand; null for an entry with more than `limit`, whose URLs are not read. */
  getFewUrls(
    entries: readonly Entry[],
    limit: number,
    signal?: CallSignal,
  ): Promise<(readonly string[] | null)[]>;

  /** How many URLs each entry has; 0 where there is no such entry. */
  countUrls(contentHashes: readonly string[], signal?: CallSignal): Promise<readonly number[]>;

  search(query: EntryQuery, signal?: CallSignal): AsyncIterable<readonly Entry[]>;

  /** How many entries the filter selects; null where the service cannot say. */
  count(filter: EntryFilter, signal?: CallSignal): Promise<number | null>;

  /** The clients with the most entries first, then by name. */
  listClients(query: ClientQuery, signal?: CallSignal): Promise<readonly ClientCount[]>;

  /** Nearest first, then the oldest, then by contentHash. Exact: no entry within the distance is missed. */
  similar(query: SimilarQuery, signal?: CallSignal): AsyncIterable<readonly EntryMatch[]>;

  /**
   * The same for several queries, in their order, with less work than so many searches take. Absent where each has to
   * be asked on its own.
   */
  similarToEach?(
    queries: readonly Required<SimilarQuery>[],
    signal?: CallSignal,
  ): Promise<readonly EntryMatch[][]>;

  /** @param known the entry, where it is at hand: then it need not be read once more */
  getBytes(
    contentHash: string,
    range?: ByteRange,
    signal?: CallSignal,
    known?: Entry,
  ): Promise<EntryBytes | null>;

  /**
   * Accepts any bytes, as the original does. Safe to repeat, also at the same time.
   * @throws RefusedImageError by a service that takes images alone
   */
  store(
    image: StagedImage,
    origin: EntryOrigin,
    signal?: CallSignal,
  ): Promise<{ entry: Entry; status: StoreStatus }>;

  /**
   * Stores bytes as they were stored elsewhere: of the time that they have there. Of bytes that have an entry only the URL is
   * noted. Safe to repeat. Absent where the service takes the times itself.
   */
  restore?(
    image: StagedImage,
    record: EntryRecord,
    signal?: CallSignal,
  ): Promise<{ entry: Entry; status: StoreStatus }>;

  /** Resolves to false when there was no such entry. */
  delete(contentHash: string, signal?: CallSignal): Promise<boolean>;

  /** Resolves when the service can do its work. */
  health(signal?: CallSignal): Promise<void>;
}

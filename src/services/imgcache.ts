import type { Readable } from 'node:stream';
import type { CallSignal } from './call-signal.js';
import type { EntryOrder, EntryPosition } from './entry-order.js';
import type { ServiceMode } from './errors.js';
import type { StagedImage } from './staged-image.js';
import type { Timestamp } from './timestamp.js';

export type { EntryOrder, EntryPosition } from './entry-order.js';

/** An image in imgcache: its origin, and the facts about its bytes. */
export interface Entry {
  /** Of the bytes, by the hashing of the service: 64 lower-case hex digits. */
  contentHash: string;
  /** The URL that the bytes were first stored under. */
  url: string;
  contentType: string;
  fileSizeBytes: number;
  originalFilename: string | null;
  width: number | null;
  height: number | null;
  /** The 64-bit dHash in 16 lower-case hex digits. */
  perceptualHash: string | null;
  /** The client that stored it first; `lookupTime` is when that client found it. */
  clientName: string;
  lookupTime: Timestamp;
  createdAt: Timestamp;
  /**
   * Every URL, the first one first, or null where there are several that did not come with the entry: there may be very
   * many. Absent means that none is known beside `url`.
   */
  urls?: readonly string[] | null;
  /**
   * That it came with a list that leaves out originalFilename, perceptualHash and URLs: what stands there says nothing.
   * @default all is there
   */
  brief?: true;
  /**
   * The bucket, where a call named it.
   * @default the bucket of calls that name none, where the service has any
   */
  bucket?: string;
  /**
   * Where among the entries of its bucket it was filed; null for none.
   * @default that is not told
   */
  prefix?: string | null;
  /**
   * What the client said of it, any JSON; null for nothing.
   * @default that is not told
   */
  meta?: JsonValue;
  /**
   * When its bytes were last stored in this bucket by a client that asked for this to be noted; null for never.
   * @default that is not told
   */
  retrievedAt?: Timestamp | null;
}

/** What JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** What names an entry. */
export type EntryName = Pick<Entry, 'contentHash' | 'bucket'>;

/** How a service names bytes: by their BLAKE2b-256, or by their BLAKE3. */
export type Hashing = 'BLAKE2B' | 'BLAKE3';

/**
 * The protocol of a remote imgcache. IMAGES: `/images`, of the documented client. CACHE: `/cache` and `/browse`, of the
 * server that its author runs today.
 */
export type ImgCacheDialect = 'IMAGES' | 'CACHE';

/** Why a service does not take an image. OTHER_BYTES: what it received has another content hash. */
export type RefusedImage = 'NOT_AN_IMAGE' | 'OTHER_BYTES';

const REFUSALS: Readonly<Record<RefusedImage, string>> = {
  NOT_AN_IMAGE: 'imgcache does not take the bytes: they are no image of a kind that it knows.',
  OTHER_BYTES: 'imgcache does not take the bytes: they were changed on their way to it.',
};

/** The service does not take an image, and says why. */
export class RefusedImageError extends Error {
  readonly reason: RefusedImage;

  constructor(reason: RefusedImage) {
    super(REFUSALS[reason]);
    this.name = 'RefusedImageError';
    this.reason = reason;
  }
}

/** The origin of the bytes of a store. */
export interface EntryOrigin {
  url: string;
  clientName: string;
  /** @default now */
  lookupTime?: Timestamp;
  /** @default the last segment of the URL's path, which the original always takes */
  filename?: string;
  /** What is noted where the service can, of new entries alone: see Entry. */
  prefix?: string | null;
  meta?: JsonValue;
  /** Has the time of this store noted as the entry's `retrievedAt`, also where the bytes are there already. */
  notesRetrieval?: true;
}

/** What is known of bytes that were stored elsewhere before. */
export interface EntryRecord {
  url: string;
  clientName: string;
  lookupTime: Timestamp;
  createdAt: Timestamp;
  originalFilename: string | null;
  /**
   * What was read from the bytes there.
   * @default they are decoded here
   */
  facts?: Pick<Entry, 'contentType' | 'width' | 'height' | 'perceptualHash'> | undefined;
  /** Of bytes that have no entry in the bucket yet, where it is noted. */
  prefix?: string | null | undefined;
  meta?: JsonValue | undefined;
  retrievedAt?: Timestamp | null | undefined;
}

/** UNCHANGED: bytes and URL were there already, or the original had the bytes (it then drops the new URL). */
export type StoreStatus = 'CREATED' | 'URL_ADDED' | 'UNCHANGED';

/** The conditions of a list, all of which an entry must meet. */
export interface EntryFilter {
  /** A plain substring of any of the entry's URLs, ASCII letters in either case. */
  urlContains?: string;
  /** The host of any of the entry's URLs, as `urlHost` gives it, ASCII letters in either case. */
  urlHost?: string;
  clientName?: string;
  /** Any of these. */
  clientNames?: readonly string[];
  contentType?: string;
  /** Any of these; `image/*` is each type that begins with `image/`. */
  contentTypes?: readonly string[];
  createdFrom?: Timestamp;
  createdBefore?: Timestamp;
  /** In pixels; no entry without a known width meets it. */
  minWidth?: number;
  minHeight?: number;
  hasPerceptualHash?: boolean;
  /** Exactly this. */
  prefix?: string;
}

export interface EntryQuery {
  /** @default all entries */
  filter?: EntryFilter;
  order: EntryOrder;
  /** Selects the entries behind this place in the order; the entry at it need not exist any more. */
  after?: EntryPosition;
  /** Selects those in front of this place. */
  before?: EntryPosition;
  /**
   * The most results.
   * @default all
   */
  limit?: number;
  /** Whether entries may be brief, which spares a call for each where lists do not tell all of them. */
  mayBeBrief?: boolean;
}

/** A client, and how many entries it stored first. */
export interface ClientCount {
  name: string;
  entryCount: number;
}

export interface ClientQuery {
  /** What the names begin with, letter by letter; empty means all. */
  startsWith: string;
  limit: number;
}

/** The default of `maxHammingDistance`, in the graph and in imgcache's protocol. */
export const DEFAULT_MAX_HAMMING_DISTANCE = 4;

export interface SimilarQuery {
  perceptualHash: string;
  /** 0 to 64. */
  maxHammingDistance: number;
  /**
   * The most results.
   * @default all
   */
  limit?: number;
}

export interface EntryMatch {
  entry: Entry;
  hammingDistance: number;
}

/** Both ends included, as in HTTP: `{ start: 0, end: 0 }` is the first byte. */
export interface ByteRange {
  start: number;
  end: number;
}

/** The caller reads the stream to its end or destroys it. */
export interface EntryBytes {
  stream: Readable;
  /** The size of the whole image, also when a range was asked for. */
  fileSizeBytes: number;
  contentType: string;
}

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

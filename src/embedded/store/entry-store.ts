import type { Entry, JsonValue } from '../../services/entry.js';
import type { StoreStatus } from '../../services/entry-origin.js';
import type { EntryQuery } from '../../services/entry-query.js';
import type { Timestamp } from '../../services/timestamp.js';
import type { NewBytes } from './blob-store.js';

/** An entry whose time of creation the store takes, unless it comes from elsewhere; an absent lookupTime means the same time. */
export interface NewEntry
  extends Omit<
    Entry,
    'lookupTime' | 'createdAt' | 'retrievedAt' | 'prefix' | 'meta' | 'urls' | 'brief' | 'bucket'
  > {
  prefix?: string | null | undefined;
  meta?: JsonValue | undefined;
  lookupTime?: Timestamp | undefined;
  createdAt?: Timestamp | undefined;
  /** NOW: the time of this write, which is noted of an entry that is there already, too. */
  retrievedAt?: Timestamp | 'NOW' | null | undefined;
  /** Of the bytes, which is noted with them where it is not known yet. */
  blake3?: string | undefined;
}

/** A URL of an entry, and what is known of it alone. */
export interface EntryUrl {
  url: string;
  clientName: string;
  lookupTime: Timestamp;
  createdAt: Timestamp;
}

export type EntryListQuery = Omit<EntryQuery, 'filter' | 'limit'> & { limit: number };

/** What is read of the entries of all buckets at once; what it gives names its bucket. */
export interface BucketStore {
  /** The buckets that something is in, in the order of code points. */
  list(): Promise<string[]>;
  /** The entries of these bytes, the newest first, then by bucket. */
  find(contentHash: string): Promise<Entry[]>;
  /** For each URL the entry with the newest createdAt among those stored under exactly it. */
  findByUrl(urls: readonly string[]): Promise<Map<string, Entry>>;
}

/**
 * The entries of one bucket of imgcache, and every URL that their bytes were stored under in it. Entries name their bucket,
 * but for the one of calls that name none, the empty one.
 */
export interface EntryStore {
  /** The same of another bucket. */
  inBucket(bucket: string): EntryStore;
  /** By content hash. */
  find(contentHashes: readonly string[]): Promise<Map<string, Entry>>;
  findBySeq(seqs: readonly number[]): Promise<Map<number, Entry>>;
  /** For each URL the entry with the newest createdAt among those stored under exactly it. */
  findByUrl(urls: readonly string[]): Promise<Map<string, Entry>>;
  /** For each content hash every URL, in the order of their times; empty where there is no entry. There may be very many. */
  findUrls(contentHashes: readonly string[]): Promise<Map<string, string[]>>;
  /** The same with what is known of each URL. */
  findOrigins(contentHashes: readonly string[]): Promise<Map<string, EntryUrl[]>>;
  /** How many URLs each of these has, of which no more than `upTo` are counted. */
  countUrls(contentHashes: readonly string[], upTo: number): Promise<Map<string, number>>;
  /** The prefixes of entries, in the order of code points, null first. */
  listPrefixes(): Promise<(string | null)[]>;
  /** Entries in an order, without a filter. */
  list(query: EntryListQuery): Promise<Entry[]>;
  /**
   * Writes the entry, or notes its URL when the bytes have one already. The bytes themselves are durable by now.
   * @param written the bytes, when they have just been written; without it the row takes those that are there
   * @throws BytesGoneError
   */
  insert(entry: NewEntry, written?: NewBytes): Promise<{ entry: Entry; status: StoreStatus }>;
  /** False when there was no such entry. */
  delete(contentHash: string): Promise<boolean>;
  /** Fails when the entries cannot be read. */
  ping(): Promise<void>;
}

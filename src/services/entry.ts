import type { Readable } from 'node:stream';
import type { Timestamp } from './timestamp.js';

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

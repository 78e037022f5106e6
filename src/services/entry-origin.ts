import type { Entry, JsonValue } from './entry.js';
import type { Timestamp } from './timestamp.js';

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

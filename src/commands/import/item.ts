import type { EntryRecord } from '../../services/entry-origin.js';
import type { Timestamp } from '../../services/timestamp.js';

/** A picture to import: where its bytes are, and what is known of where they came from. */
export interface Item {
  /** Where it came from; its entry is found by it. */
  url: string;
  /** The file with its bytes; null where they have to be fetched from the URL. */
  path: string | null;
  /** @default the name of the client that all others are imported for */
  clientName?: string | undefined;
  /** @default now */
  lookupTime?: Timestamp | undefined;
  /** @default the last segment of the URL's path */
  filename?: string | undefined;
  /** When it was stored elsewhere: such a one is restored as it was there. */
  createdAt?: Timestamp | undefined;
  /** BLAKE2b-256 that the bytes must have, where it is known. */
  contentHash?: string | undefined;
  /** BLAKE3 that they must have, where that is what is known. */
  blake3?: string | undefined;
  /** What was read from the bytes elsewhere, which need not be decoded then. */
  facts?: EntryRecord['facts'];
  /** @default the bucket of calls that name none */
  bucket?: string | undefined;
  /** What was noted of it elsewhere, which goes with what is restored. */
  notes?: Pick<EntryRecord, 'prefix' | 'meta' | 'retrievedAt'> | undefined;
}

/** THERE: it was there already, with this URL. NO_PICTURE: a file of another kind, which is left out. */
export type Outcome = 'STORED' | 'URL_ADDED' | 'ADDED_TO_COLLECTION' | 'THERE' | 'NO_PICTURE' | 'FAILED';

/** What became of an item. */
export interface Result {
  item: Item;
  outcome: Outcome;
  /** Null where the bytes could not be read. */
  contentHash: string | null;
  /** Why it failed. */
  problem?: string;
}

/** Why one item cannot be imported; the others can. The message is one sentence. */
export class ItemError extends Error {
  override readonly name = 'ItemError';
}

/** Something that cannot be taken as a source: nothing of it is imported. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}

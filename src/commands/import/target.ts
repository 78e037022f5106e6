import type { StoreStatus } from '../../services/entry-origin.js';
import type { Bytes } from './bytes.js';
import type { Item } from './item.js';

/** How many are asked for at once. */
export const BATCH = 100;

/** What is there of an item's bytes. */
export interface Known {
  urls: ReadonlySet<string>;
  /** True where nothing is added to a collection. */
  inCollection: boolean;
}

/** An item whose bytes are at hand. */
export interface ReadItem {
  item: Item;
  clientName: string;
  bytes: Bytes;
}

/** A failure that may be over in a moment: what was asked for can be asked for again. */
export class TryAgainError extends Error {
  override readonly name = 'TryAgainError';
}

/**
 * Where pictures are imported into: a running gateway, or what a gateway would store them in. What fails for one item alone
 * is an ItemError.
 */
export interface Target {
  /** Whether times of elsewhere are kept, and bytes that are no picture. */
  readonly restores: boolean;
  /** For each of at most 100 content hashes what is there in a bucket; null for bytes that are not. */
  find(contentHashes: readonly string[], bucket: string | undefined): Promise<readonly (Known | null)[]>;
  /** For each of at most 100 URLs whether there is an entry of it in a bucket, in the collection where there is one. */
  hasUrls(urls: readonly string[], bucket: string | undefined): Promise<readonly boolean[]>;
  /** Stores the bytes in the item's bucket, or notes their URL, and adds them to the collection where there is one. */
  store(read: ReadItem): Promise<StoreStatus>;
  /** Adds what is stored already to the collection: at most 100 of one bucket. Null for each that is in it now. */
  addToCollection(reads: readonly ReadItem[]): Promise<readonly (Error | null)[]>;
  close(): Promise<void>;
}

import { compareText } from './compare-text.js';
import type { Timestamp } from './timestamp.js';

/**
 * NEWEST_FIRST: createdAt descending, then contentHash ascending. LARGEST_FIRST: fileSizeBytes descending, then contentHash
 * descending. The other two are the exact reverses.
 */
export type EntryOrder = 'NEWEST_FIRST' | 'OLDEST_FIRST' | 'LARGEST_FIRST' | 'SMALLEST_FIRST';

/**
 * The place of an entry in an order: what that sorts by, the contentHash, and across buckets the bucket. An entry is its own
 * place in each order.
 */
export interface EntryPosition {
  /** In the orders by time. */
  createdAt?: Timestamp;
  /** In the orders by size. */
  fileSizeBytes?: number;
  contentHash: string;
  /** Of an entry among those of several buckets, which can have the same bytes of the same time. */
  bucket?: string;
}

interface Sorting {
  by: 'createdAt' | 'fileSizeBytes';
  descending: boolean;
  /**
   * Of entries that are equal otherwise. Very many can be of one size: in the same direction, an index finds a place among
   * them as quickly as any.
   */
  hashDescending: boolean;
  reverse: EntryOrder;
}

export const ENTRY_ORDERS: Readonly<Record<EntryOrder, Sorting>> = {
  NEWEST_FIRST: { by: 'createdAt', descending: true, hashDescending: false, reverse: 'OLDEST_FIRST' },
  OLDEST_FIRST: { by: 'createdAt', descending: false, hashDescending: true, reverse: 'NEWEST_FIRST' },
  LARGEST_FIRST: { by: 'fileSizeBytes', descending: true, hashDescending: true, reverse: 'SMALLEST_FIRST' },
  SMALLEST_FIRST: { by: 'fileSizeBytes', descending: false, hashDescending: false, reverse: 'LARGEST_FIRST' },
};

/** The value that an order sorts a place by. */
export function sortValue(order: EntryOrder, position: EntryPosition): Timestamp | number {
  const { by } = ENTRY_ORDERS[order];
  const value = position[by];
  if (value === undefined) throw new Error(`A place in the order ${order} has ${by}.`);
  return value;
}

/** Negative where the first place comes before the second. */
export function compareEntries(order: EntryOrder, a: EntryPosition, b: EntryPosition): number {
  const { descending, hashDescending } = ENTRY_ORDERS[order];
  const byValue = compareValues(sortValue(order, a), sortValue(order, b));
  if (byValue !== 0) return descending ? -byValue : byValue;
  const byHash = compareText(a.contentHash, b.contentHash) || compareBuckets(a, b);
  return hashDescending ? -byHash : byHash;
}

/** Entries of which one does not tell its bucket are of the same. */
function compareBuckets({ bucket: a }: EntryPosition, { bucket: b }: EntryPosition): number {
  return a === undefined || b === undefined ? 0 : compareText(a, b);
}

function compareValues(a: Timestamp | number, b: Timestamp | number): -1 | 0 | 1 {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

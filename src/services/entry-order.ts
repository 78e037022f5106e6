import { compareText } from './compare-text.js';
import type { Timestamp } from './timestamp.js';

/**
 * NEWEST_FIRST: createdAt descending; LARGEST_FIRST: fileSizeBytes descending; of equal ones contentHash ascending. The
 * other two are the exact reverses.
 */
export type EntryOrder = 'NEWEST_FIRST' | 'OLDEST_FIRST' | 'LARGEST_FIRST' | 'SMALLEST_FIRST';

/** The place of an entry in an order: what that sorts by, and the contentHash. An entry is its own place in each order. */
export interface EntryPosition {
  /** In the orders by time. */
  createdAt?: Timestamp;
  /** In the orders by size. */
  fileSizeBytes?: number;
  contentHash: string;
}

interface Sorting {
  by: 'createdAt' | 'fileSizeBytes';
  descending: boolean;
  reverse: EntryOrder;
}

export const ENTRY_ORDERS: Readonly<Record<EntryOrder, Sorting>> = {
  NEWEST_FIRST: { by: 'createdAt', descending: true, reverse: 'OLDEST_FIRST' },
  OLDEST_FIRST: { by: 'createdAt', descending: false, reverse: 'NEWEST_FIRST' },
  LARGEST_FIRST: { by: 'fileSizeBytes', descending: true, reverse: 'SMALLEST_FIRST' },
  SMALLEST_FIRST: { by: 'fileSizeBytes', descending: false, reverse: 'LARGEST_FIRST' },
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
  const descending =
    compareValues(sortValue(order, b), sortValue(order, a)) || compareText(a.contentHash, b.contentHash);
  return ENTRY_ORDERS[order].descending ? descending : -descending;
}

function compareValues(a: Timestamp | number, b: Timestamp | number): -1 | 0 | 1 {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

import {
  compareEntries,
  ENTRY_ORDERS,
  type EntryOrder,
  type EntryPosition,
  sortValue,
} from '../../../services/entry-order.js';

/** A part of a `where` clause. */
export interface Condition {
  sql: string;
  values: readonly (string | number)[];
}

const COLUMNS = { createdAt: 'created_at', fileSizeBytes: 'file_size_bytes' } as const;

/** The columns of a place, which an index has, under their names in an EntryPosition. */
export function placeColumns(order: EntryOrder): string {
  const { by } = ENTRY_ORDERS[order];
  return `${COLUMNS[by]} as ${by}, content_hash as contentHash`;
}

/** The index that has the entries of a bucket in an order, forwards or backwards. */
export function indexOf(order: EntryOrder): string {
  return ENTRY_ORDERS[order].by === 'createdAt' ? 'entries_created' : 'entries_size';
}

/** The order of that index. */
export function inOrder(order: EntryOrder): string {
  const { by, descending, hashDescending } = ENTRY_ORDERS[order];
  return `${COLUMNS[by]} ${descending ? 'desc' : 'asc'}, content_hash ${hashDescending ? 'desc' : 'asc'}`;
}

/** The condition that an entry comes behind a place. Its first comparison is implied, but only by it the index is entered. */
export function behind(order: EntryOrder, place: EntryPosition): Condition {
  return compared(order, place, false);
}

/** The condition that an entry comes before a place. */
export function inFrontOf(order: EntryOrder, place: EntryPosition): Condition {
  return behind(ENTRY_ORDERS[order].reverse, place);
}

/** The condition that an entry comes before a place or is at it. */
export function upTo(order: EntryOrder, place: EntryPosition): Condition {
  return compared(ENTRY_ORDERS[order].reverse, place, true);
}

function compared(order: EntryOrder, place: EntryPosition, orAtIt: boolean): Condition {
  const { by, descending, hashDescending } = ENTRY_ORDERS[order];
  const column = COLUMNS[by];
  const value = sortValue(order, place);
  const later = descending ? '<' : '>';
  const hash = `${hashDescending ? '<' : '>'}${orAtIt ? '=' : ''}`;
  if (descending === hashDescending)
    return { sql: `(${column}, content_hash) ${hash} (?, ?)`, values: [value, place.contentHash] };
  return {
    sql: `${column} ${later}= ? and (${column} ${later} ? or content_hash ${hash} ?)`,
    values: [value, value, place.contentHash],
  };
}

/** The one of two places, either of which may be missing, that comes behind the other. */
export function furtherOf(
  order: EntryOrder,
  a: EntryPosition | undefined,
  b: EntryPosition | undefined,
): EntryPosition | undefined {
  if (!a || !b) return a ?? b;
  return compareEntries(order, a, b) > 0 ? a : b;
}

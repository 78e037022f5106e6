import { type RawBuilder, sql } from 'kysely';
import {
  ENTRY_ORDERS,
  type EntryOrder,
  type EntryPosition,
  sortValue,
} from '../../../services/entry-order.js';
import { hashBytes } from './hashes.js';

/** The column that an order sorts by. */
export function sortColumn(order: EntryOrder): 'created_at' | 'file_size_bytes' {
  return ENTRY_ORDERS[order].by === 'createdAt' ? 'created_at' : 'file_size_bytes';
}

/** The columns of a place, which an index has, under their names in an EntryPosition. */
export function placeColumns(order: EntryOrder): RawBuilder<unknown> {
  const { by } = ENTRY_ORDERS[order];
  return sql`${sql.ref(sortColumn(order))} as ${sql.ref(by)}, encode(content_hash, 'hex') as "contentHash"`;
}

export function toPosition(order: EntryOrder, row: EntryPosition): EntryPosition {
  return { [ENTRY_ORDERS[order].by]: sortValue(order, row), contentHash: row.contentHash };
}

/** The order of the index `entries_created` or `entries_size`, forwards or backwards. */
export function inOrder(order: EntryOrder): RawBuilder<unknown> {
  const { descending, hashDescending } = ENTRY_ORDERS[order];
  const column = sql.ref(sortColumn(order));
  return sql`${column} ${direction(descending)}, content_hash ${direction(hashDescending)}`;
}

function direction(descending: boolean): RawBuilder<unknown> {
  return descending ? sql`desc` : sql`asc`;
}

/** The condition that a row comes behind a place in the order. The first comparison enters the index. */
export function behind(order: EntryOrder, place: EntryPosition): RawBuilder<unknown> {
  const { by, descending, hashDescending } = ENTRY_ORDERS[order];
  const column = sql.ref(sortColumn(order));
  const value = sortValue(order, place);
  const key = by === 'createdAt' ? sql`${value}::timestamptz` : sql`${value}::bigint`;
  const hash = sql`${hashBytes(place.contentHash)}::bytea`;
  const [later, larger] = [descending, hashDescending].map((down) => (down ? sql`<` : sql`>`));
  return descending === hashDescending
    ? sql`(${column}, content_hash) ${later} (${key}, ${hash})`
    : sql`${column} ${later}= ${key} and (${column} ${later} ${key} or content_hash ${larger} ${hash})`;
}

/** The condition that a row comes before a place. */
export function inFrontOf(order: EntryOrder, place: EntryPosition): RawBuilder<unknown> {
  return behind(ENTRY_ORDERS[order].reverse, place);
}

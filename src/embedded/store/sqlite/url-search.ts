import { setImmediate } from 'node:timers/promises';
import type Database from 'libsql';
import { ENTRY_ORDERS, type EntryOrder, type EntryPosition } from '../../../services/entry-order.js';
import type { EntryFilter, EntryQuery } from '../../../services/entry-query.js';
import { allOf, creation, creationRange, isIn, ofUrls, properties, toCondition } from './entry-filter.js';
import {
  behind,
  type Condition,
  furtherOf,
  indexOf,
  inFrontOf,
  inOrder,
  placeColumns,
  upTo,
} from './entry-order.js';
import { fewEntries } from './few-entries.js';

/** The work between two looks for an abort: tens of milliseconds. */
const SLICE_ENTRIES = 2000;
/** A filter that fills the limit within these many slices is met often, and the walk ends soon. */
const SLICES_WALKED_FIRST = 4;

/** The connection, bucket and order of one search, for the statements below. */
interface Search {
  database: Database.Database;
  bucket: string;
  order: EntryOrder;
}

/** The part of an order where matches can be: behind its start, in front of its end. */
interface Range {
  start: EntryPosition | undefined;
  end: EntryPosition | undefined;
}

/**
 * The places of the entries of a bucket that the query finds, in its order.
 *
 * It walks the order slice by slice, which is quick when matches are common. Each step looks up an entry and its URLs
 * somewhere in the file, so when matches prove rare it finds all that meet one of the conditions instead, and sorts.
 */
export async function searchUrls(
  database: Database.Database,
  bucket: string,
  { filter = {}, order, after, before, limit = Number.MAX_SAFE_INTEGER }: EntryQuery,
  signal?: AbortSignal,
): Promise<EntryPosition[]> {
  const search: Search = { database, bucket, order };
  const byTime = ENTRY_ORDERS[order].by === 'createdAt';
  const ofEntry = (use: 'LOOKED_UP' | 'LOOKED_AT') => [
    ...properties(filter, use),
    ...(byTime ? [] : creation(filter, use)),
  ];
  const conditions = [...ofEntry('LOOKED_AT').map(toCondition), ...ofUrls(filter)];
  const range = rangeOf(order, byTime ? filter : {}, after, before);
  const found: EntryPosition[] = [];
  for (let slice = 1; found.length < limit; slice++) {
    signal?.throwIfAborted();
    const [sliceEnd] = places(search, within(order, range), 1, SLICE_ENTRIES - 1);
    const inSlice = sliceEnd
      ? [...within(order, { ...range, end: undefined }), upTo(order, sliceEnd)]
      : within(order, range);
    found.push(...places(search, [...inSlice, ...conditions], limit - found.length));
    if (!sliceEnd) break;
    range.start = sliceEnd;
    await setImmediate();
    if (found.length >= limit || slice !== SLICES_WALKED_FIRST) continue;
    const few = await fewEntries(database, bucket, filter, ofEntry('LOOKED_UP'), signal);
    if (!few) continue;
    const rest = [few, ...within(order, range), ...conditions];
    return [...found, ...places({ ...search, index: 'entries_content' }, rest, limit - found.length)];
  }
  return found;
}

function rangeOf(
  order: EntryOrder,
  filter: EntryFilter,
  after: EntryPosition | undefined,
  before: EntryPosition | undefined,
): Range {
  const created = creationRange(order, filter);
  return {
    start: furtherOf(order, after, created.start),
    end: furtherOf(ENTRY_ORDERS[order].reverse, before, created.end),
  };
}

/**
 * One bound on either side and never two: of several on the same side SQLite may seek by the wrong one, and then each
 * slice walks the whole order again.
 */
function within(order: EntryOrder, { start, end }: Range): Condition[] {
  return [...(start ? [behind(order, start)] : []), ...(end ? [inFrontOf(order, end)] : [])];
}

function places(
  { database, bucket, order, index = indexOf(order) }: Search & { index?: string },
  conditions: readonly Condition[],
  limit: number,
  offset = 0,
): EntryPosition[] {
  const { sql, values } = allOf([isIn(bucket), ...conditions]);
  const rows = database
    .prepare(
      `select ${placeColumns(order)} from entries indexed by ${index}
       where ${sql} order by ${inOrder(order)} limit ? offset ?`,
    )
    .all(...values, limit, offset);
  return rows as EntryPosition[];
}

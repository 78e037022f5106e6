import { textBehindPrefix } from '../../../services/compare-text.js';
import type { EntryOrder, EntryPosition } from '../../../services/entry-order.js';
import type { EntryFilter } from '../../../services/entry-query.js';
import type { Condition } from './entry-order.js';

/** A condition on the columns of an entry: any of several that one index finds. */
export interface Property {
  /** Null where most entries meet it, so that looking them up is no help. */
  index: string | null;
  anyOf: readonly Condition[];
}

/**
 * What a filter asks of an entry itself, but for its time of creation.
 *
 * @param use whether as what an index looks up, or as what is looked at in each entry that another one gives. SQLite would
 * take an index by itself: the one of a condition that most entries meet, too
 */
export function properties(filter: EntryFilter, use: 'LOOKED_UP' | 'LOOKED_AT'): Property[] {
  const {
    clientName,
    clientNames,
    contentType,
    contentTypes,
    minWidth,
    minHeight,
    hasPerceptualHash,
    prefix,
  } = filter;
  const column = (name: string) => (use === 'LOOKED_UP' ? name : `+${name}`);
  const oneOf = (index: string, name: string, texts: readonly string[]): Property => {
    const places = texts.map(() => '?').join(', ');
    return { index, anyOf: [{ sql: `${column(name)} in (${places})`, values: texts }] };
  };
  const atLeast = (index: string, name: string, min: number): Property => ({
    index,
    anyOf: [{ sql: `${column(name)} >= ?`, values: [min] }],
  });
  return [
    ...when(clientName, (name) => oneOf('entries_client', 'client_name', [name])),
    ...when(clientNames, (names) => oneOf('entries_client', 'client_name', names)),
    ...when(contentType, (type) => oneOf('entries_type', 'content_type', [type])),
    ...when(contentTypes, (types) => ({
      index: 'entries_type',
      anyOf: types.map((type) => ofType(column('content_type'), type)),
    })),
    ...when(minWidth, (min) => atLeast('entries_width', 'width', min)),
    ...when(minHeight, (min) => atLeast('entries_height', 'height', min)),
    ...when(hasPerceptualHash, (has) => ({
      index: has ? null : 'entries_hash0',
      anyOf: [{ sql: `${column('hash0')} is ${has ? 'not ' : ''}null`, values: [] }],
    })),
    ...when(prefix, (exactly) => oneOf('entries_prefix', 'prefix', [exactly])),
  ];
}

/** What it asks of the time of creation, in an order by another column. */
export function creation(
  { createdFrom, createdBefore }: EntryFilter,
  use: 'LOOKED_UP' | 'LOOKED_AT',
): Property[] {
  const column = use === 'LOOKED_UP' ? 'created_at' : '+created_at';
  const bounds = [
    ...when(createdFrom, (time) => ({ sql: `${column} >= ?`, values: [time] })),
    ...when(createdBefore, (time) => ({ sql: `${column} < ?`, values: [time] })),
  ];
  return bounds.length === 0 ? [] : [{ index: 'entries_created', anyOf: [allOf(bounds)] }];
}

/** In an order by time it is a range: matches lie behind the start, in front of the end. */
export function creationRange(
  order: EntryOrder,
  { createdFrom, createdBefore }: EntryFilter,
): { start: EntryPosition | undefined; end: EntryPosition | undefined } {
  const [from, before] = [lastAt(createdFrom), lastAt(createdBefore)];
  return order === 'NEWEST_FIRST' ? { start: before, end: from } : { start: from, end: before };
}

/** A place of that time with a content hash that sorts behind all there are. */
function lastAt(createdAt: string | undefined): EntryPosition | undefined {
  return createdAt === undefined ? undefined : { createdAt, contentHash: '~' };
}

/** What a filter asks of any URL of an entry. SQLite's lower() knows the ASCII letters only, as is wanted. */
export function ofUrls({ urlContains, urlHost }: EntryFilter): Condition[] {
  return [
    ...when(urlContains, (text) => anyUrl('instr(lower(entry_urls.url), lower(?)) > 0', text)),
    ...when(urlHost, (host) => anyUrl('host = lower(?)', host)),
  ];
}

/** The condition that an entry is in a bucket. Each index begins with the bucket, but for that of content hashes. */
export function isIn(bucket: string): Condition {
  return { sql: 'bucket = ?', values: [bucket] };
}

export function toCondition({ anyOf }: Property): Condition {
  if (anyOf.length === 0) return { sql: 'false', values: [] };
  return {
    sql: anyOf.map(({ sql }) => `(${sql})`).join(' or '),
    values: anyOf.flatMap(({ values }) => values),
  };
}

export function allOf(conditions: readonly Condition[]): Condition {
  return {
    sql: ['true', ...conditions.map(({ sql }) => `(${sql})`)].join(' and '),
    values: conditions.flatMap(({ values }) => values),
  };
}

function ofType(column: string, type: string): Condition {
  if (!type.endsWith('/*')) return { sql: `${column} = ?`, values: [type] };
  const prefix = type.slice(0, -1);
  // It ends with a slash, so that there is a text behind it.
  return { sql: `${column} >= ? and ${column} < ?`, values: [prefix, textBehindPrefix(prefix)!] };
}

function anyUrl(sql: string, value: string): Condition {
  return {
    sql: `exists (
      select 1 from entry_urls
      where entry_urls.content_hash = entries.content_hash and entry_urls.bucket = entries.bucket and ${sql})`,
    values: [value],
  };
}

function when<Value, Result>(value: Value | undefined, toResult: (value: Value) => Result): Result[] {
  return value === undefined ? [] : [toResult(value)];
}

import { type RawBuilder, sql } from 'kysely';
import { textBehindPrefix } from '../../../services/compare-text.js';
import type { EntryFilter } from '../../../services/entry-query.js';
import { isStorable } from '../../../services/storable-text.js';
import type { BucketTables } from './bucket-tables.js';
import { URL_HOST } from './migrations/0002-lists.js';

/** A condition on rows of entries. */
export type Condition = RawBuilder<unknown>;

/** Whether no row can have a text of the filter: the database would refuse it, or find another one. */
export function findsNothing(filter: EntryFilter): boolean {
  return Object.values(filter).some((value) => typeof value === 'string' && !isStorable(value));
}

export function where(conditions: readonly Condition[]): Condition {
  const all = conditions.map((condition) => sql`(${condition})`);
  return all.length === 0 ? sql`where true` : sql`where ${sql.join(all, sql` and `)}`;
}

export function ofTimes({ createdFrom, createdBefore }: EntryFilter): Condition[] {
  return [
    ...when(createdFrom, (time) => sql`created_at >= ${time}::timestamptz`),
    ...when(createdBefore, (time) => sql`created_at < ${time}::timestamptz`),
  ];
}

/** A condition on the columns of an entry. */
export interface Property {
  condition: Condition;
  /** Whether an index finds the entries that meet it, which may be few. */
  isIndexed: boolean;
}

/** What a filter asks of an entry itself, but for its time of creation. */
export function properties(filter: EntryFilter): Property[] {
  const { clientName, clientNames, contentType, contentTypes, minWidth, minHeight, prefix } = filter;
  const indexed = [
    ...when(clientName, (name) => sql`client_name = ${name}`),
    ...when(clientNames, (names) => sql`client_name = any(${names.filter(isStorable)}::text[])`),
    ...when(contentType, (type) => sql`content_type = ${type}`),
    ...when(contentTypes, anyOfTypes),
    ...when(minWidth, (min) => sql`width >= ${min}`),
    ...when(minHeight, (min) => sql`height >= ${min}`),
    ...when(prefix, (exactly) => sql`prefix = ${exactly}`),
  ].map((condition) => ({ condition, isIndexed: true }));
  const hashed = when(filter.hasPerceptualHash, (has) => ({
    condition: has ? sql`hash_high is not null` : sql`hash_high is null`,
    isIndexed: !has,
  }));
  return [...indexed, ...hashed];
}

/** What a filter asks of any URL of an entry, as conditions on one of them; an index finds each. */
export function ofUrls({ urlContains, urlHost }: EntryFilter): Condition[] {
  return [...when(urlContains, contains), ...when(urlHost, hasHost)];
}

/** Whether an entry of the bucket has a URL in it that meets the condition. */
export function anyUrl({ urls, isIn }: BucketTables, entries: string, condition: Condition): Condition {
  return sql`exists (select from ${urls} as entry_urls
                     where ${isIn('entry_urls')}
                       and entry_urls.content_hash = ${sql.ref(`${entries}.content_hash`)} and ${condition})`;
}

/** By the expression of the index. The collation "C" knows the case of ASCII letters only, as is wanted. */
function contains(text: string): Condition {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`lower(entry_urls.url collate "C") like lower(${pattern}::text collate "C")`;
}

/** By the expression of the index. */
function hasHost(host: string): Condition {
  return sql`${sql.raw(URL_HOST)} = lower(${host}::text collate "C")`;
}

function anyOfTypes(types: readonly string[]): Condition {
  const each = types.filter(isStorable).map((type) => {
    if (!type.endsWith('/*')) return sql`content_type = ${type}`;
    const prefix = type.slice(0, -1);
    return sql`content_type >= ${prefix} and content_type < ${textBehindPrefix(prefix)}`;
  });
  return each.length === 0 ? sql`false` : sql.join(each, sql` or `);
}

function when<Value, Result>(value: Value | undefined, toResult: (value: Value) => Result): Result[] {
  return value === undefined ? [] : [toResult(value)];
}

import { setImmediate } from 'node:timers/promises';
import type Database from 'libsql';
import type { EntryFilter } from '../../../services/entry-query.js';
import type { Property } from './entry-filter.js';
import type { Condition } from './entry-order.js';
import { trigramQuery } from './url-trigrams.js';

// The work between two looks for an abort: tens of milliseconds.
const SLICE_URLS = 20_000;
const SLICE_INDEXED_URLS = 100_000;
/** Above it, looking up each of them costs more than walking on in the order. */
const MAX_FEW = 10_000;

/**
 * A condition that few entries of a bucket can meet, which an index finds by one of the conditions of a filter: it stands in
 * for none of them. Null where many meet each of those that have an index.
 */
export async function fewEntries(
  database: Database.Database,
  bucket: string,
  { urlContains, urlHost }: EntryFilter,
  properties: readonly Property[],
  signal: AbortSignal | undefined,
): Promise<Condition | null> {
  for (const property of properties) {
    const few = found(database, withProperty(bucket, property));
    if (few) return few;
    await setImmediate();
    signal?.throwIfAborted();
  }
  const ofHost = urlHost === undefined ? null : found(database, withHost(bucket, urlHost));
  if (ofHost || urlContains === undefined) return ofHost;
  return withText(database, bucket, urlContains, signal);
}

function withProperty(bucket: string, { index, anyOf }: Property): Condition | null {
  if (index === null) return null;
  const each = anyOf.map(
    ({ sql }) =>
      `select content_hash as contentHash from entries indexed by ${index} where bucket = ? and (${sql})`,
  );
  return {
    sql: each.join(' union all ') || 'select null as contentHash where false',
    values: anyOf.flatMap(({ values }) => [bucket, ...values]),
  };
}

function withHost(bucket: string, host: string): Condition {
  return {
    sql: `select distinct content_hash as contentHash from entry_urls indexed by entry_urls_host
      where bucket = ? and host = lower(?)`,
    values: [bucket, host],
  };
}

/** Null for too many. */
function found(database: Database.Database, query: Condition | null): Condition | null {
  if (!query) return null;
  const rows = database.prepare(`${query.sql} limit ${MAX_FEW + 1}`).all(...query.values);
  return oneOf(new Set((rows as { contentHash: string }[]).map(({ contentHash }) => contentHash)));
}

function oneOf(hashes: ReadonlySet<string>): Condition | null {
  if (hashes.size > MAX_FEW) return null;
  return {
    sql: 'content_hash in (select value from json_each(?))',
    values: [JSON.stringify([...hashes])],
  };
}

async function withText(
  database: Database.Database,
  bucket: string,
  urlContains: string,
  signal: AbortSignal | undefined,
): Promise<Condition | null> {
  const { matching, sliceUrls } = matchingUrls(database, bucket, urlContains);
  const [{ last }] = database.prepare('select max(seq) as last from entry_urls').all() as [
    { last: number | null },
  ];
  const hashes = new Set<string>();
  for (let start = 0; start < (last ?? 0); start += sliceUrls) {
    signal?.throwIfAborted();
    for (const { contentHash } of matching(start, start + sliceUrls)) hashes.add(contentHash);
    if (hashes.size > MAX_FEW) return null;
    await setImmediate();
  }
  return oneOf(hashes);
}

/** The URLs of a bucket with the text behind one seq and up to another: by their trigrams, or, where it has none, of all. */
function matchingUrls(database: Database.Database, bucket: string, urlContains: string) {
  const trigrams = trigramQuery(urlContains);
  const from =
    trigrams === null
      ? 'entry_urls where'
      : `url_trigrams cross join entry_urls on entry_urls.seq = url_trigrams.rowid
         where url_trigrams match lower(?) and`;
  const seq = trigrams === null ? 'entry_urls.seq' : 'url_trigrams.rowid';
  const statement = database.prepare(
    `select distinct content_hash as contentHash from ${from} ${seq} > ? and ${seq} <= ?
     and +entry_urls.bucket = ? and instr(lower(entry_urls.url), lower(?)) > 0 limit ${MAX_FEW + 1}`,
  );
  const match = trigrams === null ? [] : [trigrams];
  return {
    sliceUrls: trigrams === null ? SLICE_URLS : SLICE_INDEXED_URLS,
    matching: (start: number, end: number) =>
      statement.all(...match, start, end, bucket, urlContains) as { contentHash: string }[],
  };
}

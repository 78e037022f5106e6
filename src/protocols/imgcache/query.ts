// The queries that both protocols read.

import { bucketProblem } from '../../services/bucket.js';
import { DEFAULT_MAX_HAMMING_DISTANCE, type EntryFilter } from '../../services/entry-query.js';
import { badValue, InvalidFields } from './problems.js';
import { type Page, QueryReader } from './query-reader.js';

export interface WireSimilarQuery {
  perceptualHash: string;
  /** 0 to 64, or negative when no hash can match. */
  maxHammingDistance: number;
  /** To add to each distance within the 64 bits. */
  excessBits: number;
  page: Page;
}

/**
 * The bucket that a query names; undefined for none. Of several the first that has a name counts: a bucket that was named once
 * stays named.
 * @throws InvalidFields
 */
export function readBucket(query: URLSearchParams): string | undefined {
  const all = query.getAll('bucket');
  const bucket = all.find((name) => name !== '') ?? all[0];
  const problem = bucket === undefined ? null : bucketProblem(bucket);
  if (problem !== null)
    throw new InvalidFields([badValue(['query', 'bucket'], bucket!, `The bucket ${problem}`)]);
  return bucket;
}

/** @throws InvalidFields */
export function readMetaQuery(query: URLSearchParams): { allUrls: boolean } {
  const reader = new QueryReader(query);
  const allUrls = reader.flag('all_urls');
  reader.check();
  return { allUrls };
}

/** @throws InvalidFields */
export function readLookupQuery(query: URLSearchParams): string {
  const reader = new QueryReader(query);
  const url = reader.text('url');
  reader.check();
  return url;
}

/**
 * The query of a search. A client that does not know whether the server takes `%`, `_` and the backslash for themselves
 * sends a part of the text without them, and the whole text beside it. The host of a URL is an addition, too.
 * @throws InvalidFields
 */
export function readSearchQuery(query: URLSearchParams): { filter: EntryFilter; page: Page } {
  const reader = new QueryReader(query);
  const asked = reader.text('url_contains');
  const urlContains = query.has('url_contains_literally') ? reader.text('url_contains_literally') : asked;
  const host = query.has('url_host') ? { urlHost: reader.text('url_host') } : {};
  const page = reader.page();
  reader.check();
  return { filter: { urlContains, ...host }, page };
}

/** @throws InvalidFields */
export function readSimilarQuery(query: URLSearchParams): WireSimilarQuery {
  const reader = new QueryReader(query);
  const { perceptualHash, excessBits } = reader.hash('perceptual_hash');
  const distance = reader.integer('max_hamming_distance') ?? DEFAULT_MAX_HAMMING_DISTANCE;
  const page = reader.page();
  reader.check();
  return { perceptualHash, excessBits, maxHammingDistance: Math.min(distance - excessBits, 64), page };
}

import { PLAIN_JSON, sendJson } from '../../../http/respond.js';
import type { Entry } from '../../../services/entry.js';
import type { WireBrowsePage } from '../../../services/wire-cache-entry.js';
import { InvalidFields, missing } from '../problems.js';
import { readBucket } from '../query.js';
import { queryOf } from '../query-reader.js';
import type { WireRequest } from '../request.js';
import { openBucket, openSearches } from './buckets.js';
import { encodeCursor } from './cursor.js';
import { toBrowseItems } from './entries.js';
import { readBrowseQuery } from './query.js';

const ORDERS = { desc: 'NEWEST_FIRST', asc: 'OLDEST_FIRST' } as const;

/** A part of the entries of a bucket, or of all buckets. Its cursor names the last of them, which may be gone when it is used. */
export async function browse({ imgcache, req, res, scope }: WireRequest): Promise<void> {
  const query = queryOf(req.url ?? '');
  const { filter, order, limit, after } = readBrowseQuery(query);
  const signal = scope.reads('IMGCACHE');
  const { bucket, searches } = await openSearches(imgcache, readBucket(query), signal);
  const wanted = {
    filter,
    order: ORDERS[order],
    limit: limit + 1,
    mayBeBrief: true,
    ...(after && { after }),
  };
  const found: Entry[] = [];
  for await (const batch of searches.search(wanted, signal)) found.push(...batch);
  const page = found.slice(0, limit);
  const body: WireBrowsePage = {
    items: await toBrowseItems(page, { imgcache, bucket, signal }),
    next_cursor: found.length > limit ? encodeCursor(page.at(-1)!) : null,
  };
  sendJson(res, 200, body, PLAIN_JSON);
}

/** The names of all buckets; that which has none where there are no buckets. */
export async function listBuckets({ imgcache, res, scope }: WireRequest): Promise<void> {
  const buckets = (await imgcache.listBuckets?.(scope.reads('IMGCACHE'))) ?? [''];
  sendJson(res, 200, { buckets }, PLAIN_JSON);
}

/** The prefixes of a bucket; none where none are noted. */
export async function listPrefixes({ imgcache, req, res, scope }: WireRequest): Promise<void> {
  const name = readBucket(queryOf(req.url ?? ''));
  if (name === undefined) throw new InvalidFields([missing(['query', 'bucket'])]);
  const signal = scope.reads('IMGCACHE');
  const bucket = await openBucket(imgcache, name, signal);
  const prefixes = (await bucket.imgcache.listPrefixes?.(signal)) ?? [];
  sendJson(res, 200, { prefixes }, PLAIN_JSON);
}

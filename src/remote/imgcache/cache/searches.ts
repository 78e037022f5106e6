import { mapConcurrently } from '../../../request/map-concurrently.js';
import { compareEntries } from '../../../services/entry-order.js';
import type { BucketSearches } from '../../../services/imgcache.js';
import type { DialectParts } from '../entry-lists.js';
import { MAX_CONCURRENT } from '../requests.js';
import { readBuckets } from './buckets.js';
import { createCacheDialect } from './dialect.js';

/** The searches in all buckets of an imgcache of today. */
export function createCacheSearches(parts: DialectParts): BucketSearches {
  const all = createCacheDialect(parts, { name: null, isTold: true });
  return {
    lookup: all.lookup,
    search: all.search,
    similar: all.similar,
    async find(contentHash, signal) {
      const found = await mapConcurrently(await readBuckets(parts, signal), MAX_CONCURRENT, (name) =>
        createCacheDialect(parts, { name, isTold: true }).getMeta([contentHash], signal),
      );
      const entries = found.flat().filter((entry) => entry !== null);
      return entries.sort((a, b) => compareEntries('NEWEST_FIRST', a, b));
    },
  };
}

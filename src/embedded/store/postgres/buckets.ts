import { sql } from 'kysely';
import type { BucketStore } from '../entry-store.js';
import { ALL_BUCKETS } from './bucket-tables.js';
import { findByUrl, selectEntries, toNamedEntry } from './entries.js';
import { allHashBytes } from './hashes.js';
import type { Db } from './tables.js';

/** What is read of the entries of all buckets at once. */
export function bucketReads(db: Db): BucketStore {
  return {
    list: () => listBuckets(db),
    async find(contentHash) {
      const [hash] = allHashBytes([contentHash]);
      if (!hash) return [];
      const newestFirst = sql`order by created_at desc, bucket`;
      const rows = await selectEntries(db, ALL_BUCKETS, [sql`content_hash = ${hash}`], newestFirst);
      return rows.map(toNamedEntry);
    },
    async findByUrl(urls) {
      const found = await findByUrl(db, ALL_BUCKETS, urls);
      return new Map(found.map(({ storedUrl, ...row }) => [storedUrl, toNamedEntry(row)]));
    },
  };
}

/** From name to name: each is one look-up, however many entries it has. The default one has a table of its own. */
async function listBuckets(db: Db): Promise<string[]> {
  const { rows } = await sql<{ bucket: string }>`
    with recursive names (bucket) as (
      (select bucket from bucket_entries order by bucket limit 1)
      union all
      select (select bucket from bucket_entries as others where others.bucket > names.bucket order by bucket limit 1)
      from names where names.bucket is not null)
    select '' as bucket where exists (select from entries)
    union all select bucket from names where bucket is not null order by bucket`.execute(db);
  return rows.map(({ bucket }) => bucket);
}

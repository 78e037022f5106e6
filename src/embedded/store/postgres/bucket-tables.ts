import { type RawBuilder, sql } from 'kysely';

/**
 * Where the entries of a bucket are, and their URLs. The default bucket has tables of its own, and statements on these are what
 * they were without buckets: the planner knows them well, and of tables with several parts it knows little.
 */
export interface BucketTables {
  entries: RawBuilder<unknown>;
  urls: RawBuilder<unknown>;
  /** The condition that a row of one of them, or of what this name stands for, is of the bucket. */
  isIn(table?: string): RawBuilder<unknown>;
}

export const ALL_BUCKETS: BucketTables = {
  entries: sql`all_entries`,
  urls: sql`all_entry_urls`,
  isIn: () => sql`true`,
};

const DEFAULT_BUCKET: BucketTables = { entries: sql`entries`, urls: sql`entry_urls`, isIn: () => sql`true` };

export function tablesOf(bucket: string): BucketTables {
  if (bucket === '') return DEFAULT_BUCKET;
  return {
    entries: sql`bucket_entries`,
    urls: sql`bucket_entry_urls`,
    isIn: (table) => sql`${sql.ref(table === undefined ? 'bucket' : `${table}.bucket`)} = ${bucket}`,
  };
}

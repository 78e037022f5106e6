import { sql } from 'kysely';
import type { Entry } from '../../../services/entry.js';
import type { BucketStore } from '../entry-store.js';
import {
  byKey,
  type EntryRow,
  FIND_NAMED_ENTRIES,
  newestByUrl,
  selectNamedEntries,
  toEntry,
} from './entries.js';
import { runAlone } from './group-commit.js';
import { readByKeys } from './read-by-keys.js';
import type { Statements } from './statements.js';
import type { Db } from './tables.js';

/** What is read of the entries of all buckets at once. */
export function bucketReads(db: Db, statements: Statements): BucketStore {
  return {
    list: () => listBuckets(db),
    async find(contentHash) {
      const find = () => statements.prepare(FIND_NAMED_ENTRIES).all([contentHash]) as NamedEntryRow[];
      return (await runAlone({ db, statements }, find)).map(toNamedEntry);
    },
    async findByUrl(urls) {
      const newest = await newestByUrl(db, urls, null);
      return byKey(newest, await findBySeq(db, [...new Set(newest.values())]));
    },
  };
}

/** From name to name: each is one look-up, however many entries it has. */
async function listBuckets(db: Db): Promise<string[]> {
  const { rows } = await sql<{ bucket: string }>`
    with recursive names (bucket) as (
      select min(bucket) from entries
      union all
      select (select min(bucket) from entries where bucket > names.bucket) from names where names.bucket is not null)
    select bucket from names where bucket is not null`.execute(db);
  return rows.map(({ bucket }) => bucket);
}

export async function listPrefixes(db: Db, bucket: string): Promise<(string | null)[]> {
  const ofBucket = sql`from entries indexed by entries_prefix where bucket = ${bucket}`;
  const { rows } = await sql<{ prefix: string | null }>`
    with recursive prefixes (prefix) as (
      select min(prefix) ${ofBucket}
      union all
      select (select min(prefix) ${ofBucket} and prefix > prefixes.prefix) from prefixes
      where prefixes.prefix is not null)
    select null as prefix where exists (select 1 ${ofBucket} and prefix is null)
    union all select prefix from prefixes where prefix is not null`.execute(db);
  return rows.map(({ prefix }) => prefix);
}

async function findBySeq(db: Db, seqs: readonly number[]): Promise<Map<number, Entry>> {
  const rows = await readByKeys(seqs, (some) =>
    selectNamedEntries(db, sql`where seq in (${sql.join(some)})`),
  );
  return new Map(rows.map((row) => [row.seq, toNamedEntry(row)]));
}

type NamedEntryRow = EntryRow & { bucket: string };

function toNamedEntry({ bucket, ...row }: NamedEntryRow): Entry {
  return { ...toEntry(row, bucket), bucket };
}

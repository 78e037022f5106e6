import { sql } from 'kysely';
import type { Timestamp } from '../../../services/timestamp.js';
import type { UrlRow } from '../audit.js';
import type { KeyPair } from '../store.js';
import { runTransaction } from './failures.js';
import { hashBytes, urlHash } from './hashes.js';
import type { Db } from './tables.js';

/*
 * Repairs that add or take away rows. Gateways write meanwhile, so each looks within its transaction whether there is still
 * something to repair. Rows that are taken away are kept in `removed_rows`, which a backup of the database has too.
 */

export async function insertNamelessCollection(
  db: Db,
  collectionId: string,
  createdAt: Timestamp,
): Promise<void> {
  await runTransaction(() =>
    sql`insert into collections (collection_id, created_at) values (${collectionId}, ${createdAt}::timestamptz)
        on conflict do nothing`.execute(db),
  );
}

/** The row of the collection lets those who rotate its keys wait. */
export async function addMissingKeys(
  db: Db,
  collectionId: string,
  { publicKey, secretKey }: KeyPair,
  createdAt: Timestamp,
): Promise<void> {
  await runTransaction(() =>
    db.transaction().execute(async (transaction) => {
      await sql`select from collections where collection_id = ${collectionId} for no key update`.execute(
        transaction,
      );
      await sql`
        insert into collection_keys (public_key, collection_id, secret_key, created_at)
        select ${publicKey}, ${collectionId}, ${secretKey}, ${createdAt}::timestamptz
        where not exists (select from collection_keys where collection_id = ${collectionId})
          and exists (select from collections where collection_id = ${collectionId} and deleted_at is null)`.execute(
        transaction,
      );
    }),
  );
}

export async function removeUrl(db: Db, seq: number): Promise<void> {
  await runTransaction(() =>
    sql`
      with removed as (
        delete from all_entry_urls as urls
        where seq = ${seq} and not exists (
          select from all_entries as entries
          where entries.content_hash = urls.content_hash and entries.bucket = urls.bucket)
        returning *)
      insert into removed_rows (table_name, removed) select 'entry_urls', to_jsonb(removed) from removed`.execute(
      db,
    ),
  );
}

export async function correctUrlHash(db: Db, { seq, content_hash, url }: UrlRow): Promise<void> {
  const right = urlHash(url);
  await runTransaction(() =>
    db.transaction().execute(async (transaction) => {
      await sql`
        delete from all_entry_urls
        where content_hash = ${hashBytes(content_hash)} and url_hash = ${right} and seq <> ${seq}
          and bucket = (select bucket from all_entry_urls where seq = ${seq})`.execute(transaction);
      await sql`update all_entry_urls set url_hash = ${right} where seq = ${seq}`.execute(transaction);
    }),
  );
}

export async function insertOwnUrl(db: Db, entrySeq: number): Promise<void> {
  const entry = await db
    .selectFrom('all_entries')
    .select('url')
    .where('seq', '=', entrySeq)
    .executeTakeFirst();
  if (!entry) return;
  await runTransaction(() =>
    sql`insert into all_entry_urls (content_hash, bucket, url, url_hash, client_name, lookup_time, created_at)
        select content_hash, bucket, url, ${urlHash(entry.url)}, client_name, lookup_time, created_at
        from all_entries where seq = ${entrySeq} on conflict do nothing`.execute(db),
  );
}

/** Whoever stores the bytes again gives them another place first: then its rows are right, and stay. */
export async function removeRowsThatNeed(db: Db, contentHash: string, place: string | null): Promise<void> {
  const hash = hashBytes(contentHash);
  await runTransaction(() =>
    db.transaction().execute(async (transaction) => {
      // In the order of those who write such rows: first these, then their bytes.
      await sql`select from all_entries where content_hash = ${hash} order by seq for update`.execute(
        transaction,
      );
      await sql`select from images where content_hash = ${hash} order by seq for update`.execute(transaction);
      const { rows } = await sql<{ place: string }>`
        select place from blobs where content_hash = ${hash} for update`.execute(transaction);
      if ((rows[0]?.place ?? null) !== place) return;
      await sql`
        insert into removed_rows (table_name, removed)
        select 'entries', to_jsonb(entries) from all_entries as entries where content_hash = ${hash}
        union all select 'entry_urls', to_jsonb(urls) from all_entry_urls as urls where content_hash = ${hash}
        union all select 'images', to_jsonb(images) - 'descriptor' from images where content_hash = ${hash}`.execute(
        transaction,
      );
      await sql`
        with entry as (delete from all_entries where content_hash = ${hash} returning seq, hash_high),
        image as (delete from images where content_hash = ${hash} returning seq, collection_id)
        insert into changes (collection_id, seq)
        select null, seq from entry where hash_high is not null union all select collection_id, seq from image`.execute(
        transaction,
      );
      await sql`
        update blobs set refs = 0, released_at = coalesce(released_at, clock_timestamp())
        where content_hash = ${hash}`.execute(transaction);
    }),
  );
}

import { type RawBuilder, sql } from 'kysely';
import type { Entry } from '../../../services/entry.js';
import type { StoreStatus } from '../../../services/entry-origin.js';
import { BytesGoneError, type NewBytes } from '../blob-store.js';
import type { NewEntry } from '../entry-store.js';
import { countBytes, grantBytes, RELEASE_BYTES, replaceLostBytes } from './blob-parts.js';
import { announceAgain } from './blob-places.js';
import { tablesOf } from './bucket-tables.js';
import { ENTRY, type EntryRow, toEntry } from './entries.js';
import { codeOf, constraintOf } from './errors.js';
import { type Attempt, runTransaction } from './failures.js';
import { allHashBytes, halvesOf, hashBytes, urlHash } from './hashes.js';
import type { Db } from './tables.js';

type Stored = { entry: Entry; status: StoreStatus };

/** Each further one means that somebody deleted the entry between two statements. */
const MAX_ATTEMPTS = 20;

/** A new entry is one statement, and so is a URL more of one that is there. */
export function insertEntry(db: Db, bucket: string, entry: NewEntry, written?: NewBytes): Promise<Stored> {
  return runTransaction(async (attempt) => {
    const bytes = await replaceLostBytes(db, entry.contentHash, written);
    for (let left = MAX_ATTEMPTS; ; left--) {
      const created = await createEntry(db, bucket, entry, bytes);
      if (created.entry) return { entry: toEntry(created.entry), status: 'CREATED' };
      const added = await addUrl(db, bucket, entry, attempt);
      if (added) {
        if (bytes && !created.granted) await announceAgain(db, entry.contentHash, bytes.place);
        return added;
      }
      if (!created.granted || left === 0)
        throw new BytesGoneError('The bytes were swept before a row needed them.');
    }
  });
}

/** No entry when there is one already. */
async function createEntry(
  db: Db,
  bucket: string,
  entry: NewEntry,
  written: NewBytes | undefined,
): Promise<{ granted: boolean; entry: EntryRow | null }> {
  const [high, low] = halvesOf(entry.perceptualHash);
  const hash = hashBytes(entry.contentHash);
  const { entries, urls } = tablesOf(bucket);
  const statement = sql<EntryRow & { granted: boolean }>`
    with ${grantBytes(written)},
    ${timesOf(entry)},
    added as (
      insert into ${entries} (content_hash, bucket, url, content_type, file_size_bytes, original_filename, width, height,
        hash_high, hash_low, client_name, lookup_time, created_at, retrieved_at, prefix, meta)
      select ${hash}, ${bucket}, ${entry.url}, ${entry.contentType}, ${entry.fileSizeBytes}, ${entry.originalFilename},
        ${entry.width}, ${entry.height}, ${high}, ${low}, ${entry.clientName}, found, created, retrieved,
        ${entry.prefix ?? null}, ${metaText(entry)}
      from granted, times
      on conflict do nothing
      returning *),
    ${countBytes(entry, written)},
    named as (
      insert into ${urls} (content_hash, bucket, url, url_hash, client_name, lookup_time, created_at)
      select content_hash, bucket, url, ${urlHash(entry.url)}, client_name, lookup_time, created_at from added),
    noted as (insert into changes (seq) select seq from added where hash_high is not null)
    select exists (select from granted) as granted, ${ENTRY}, false as "severalUrls"
    from (select) as one left join added as entries on true`;
  try {
    const { rows } = await statement.execute(db);
    const { granted, ...row } = rows[0]!;
    return { granted, entry: row.seq === null ? null : row };
  } catch (error) {
    if (isWithoutBytes(error)) return { granted: false, entry: null };
    throw error;
  }
}

/** `times`: one row of the times of an entry, where they are not given that of this statement. */
function timesOf({ createdAt, lookupTime, retrievedAt }: NewEntry): RawBuilder<unknown> {
  const retrieved = retrievedAt === 'NOW' ? sql`now` : sql`${retrievedAt ?? null}::timestamptz`;
  return sql`times as materialized (
    select created, coalesce(${lookupTime ?? null}::timestamptz, created) as found, ${retrieved} as retrieved
    from (select clock_timestamp() as now offset 0) as clock,
      lateral (select coalesce(${createdAt ?? null}::timestamptz, now) as created) as creation)`;
}

function metaText({ meta = null }: NewEntry): string | null {
  return meta === null ? null : JSON.stringify(meta);
}

/** Whether the foreign key of a row to its bytes says that they are gone. */
export function isWithoutBytes(error: unknown): boolean {
  const constraint = constraintOf(error);
  return codeOf(error) === '23503' && (constraint === 'entries_bytes' || constraint === 'images_bytes');
}

/** Null when there is no entry. While this runs, the entry cannot be deleted. */
async function addUrl(
  db: Db,
  bucket: string,
  entry: NewEntry,
  { mayBeDone }: Attempt,
): Promise<Stored | null> {
  const hash = hashBytes(entry.contentHash);
  const { entries, urls, isIn } = tablesOf(bucket);
  const ofBucket = sql`where ${isIn()} and content_hash = ${hash}`;
  const known =
    entry.retrievedAt === 'NOW'
      ? sql`update ${entries} as entries set retrieved_at = retrieved from times ${ofBucket} returning entries.*`
      : sql`select * from ${entries} ${ofBucket} for key share`;
  const { rows } = await sql<EntryRow & { added: boolean }>`
    with ${timesOf(entry)},
    known as materialized (${known}),
    named as (
      insert into ${urls} (content_hash, bucket, url, url_hash, client_name, lookup_time, created_at)
      select content_hash, bucket, ${entry.url}, ${urlHash(entry.url)}, ${entry.clientName}, found, created
      from known, times
      on conflict do nothing
      returning seq)
    select ${ENTRY}, exists (select from named) as added,
      (select count(*) from named) +
      (select count(*) from (select from ${urls} ${ofBucket} limit 2) as few) >= 2 as "severalUrls"
    from known as entries`.execute(db);
  if (rows.length === 0) return null;
  const { added, ...row } = rows[0]!;
  const stored = toEntry(row);
  if (added) return { entry: stored, status: 'URL_ADDED' };
  return { entry: stored, status: mayBeDone && isWhatIsWritten(stored, entry) ? 'CREATED' : 'UNCHANGED' };
}

/** Whether an entry is the one that an attempt before wrote, of which no response came. */
function isWhatIsWritten(stored: Entry, { url, clientName, lookupTime }: NewEntry): boolean {
  const sameTime = stored.lookupTime === (lookupTime ?? stored.createdAt);
  return stored.url === url && stored.clientName === clientName && sameTime;
}

/** URLs go with their entry. */
export async function deleteEntry(db: Db, bucket: string, contentHash: string): Promise<boolean> {
  const [hash] = allHashBytes([contentHash]);
  if (!hash) return false;
  const { entries, isIn } = tablesOf(bucket);
  const there = sql`from ${entries} where ${isIn()} and content_hash = ${hash}`;
  const found = await runTransaction(() => sql`select seq ${there}`.execute(db));
  if (found.rows.length === 0) return false;
  return runTransaction(async ({ mayBeDone }) => {
    const { rows } = await sql<{ seq: number }>`
      with removed as (
        delete ${there} returning seq, content_hash, hash_high),
      ${RELEASE_BYTES},
      noted as (insert into changes (seq) select seq from removed where hash_high is not null)
      select seq from removed`.execute(db);
    // It was there, and an attempt before may have deleted it.
    return rows.length > 0 || mayBeDone;
  });
}

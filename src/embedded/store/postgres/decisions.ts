import { type Selectable, sql } from 'kysely';
import {
  type Decision,
  KeptEntryGoneError,
  type NewDecision,
  type PairLikeness,
  type Verdict,
} from '../../../services/duplicates.js';
import { isStorable } from '../../../services/storable-text.js';
import type { DecisionStore } from '../decisions.js';
import { RELEASE_BYTES } from './blob-parts.js';
import { runTransaction } from './failures.js';
import { allHashBytes, hashBytes } from './hashes.js';
import type { Db, DuplicateDecisionsTable } from './tables.js';

type Decided = Awaited<ReturnType<DecisionStore['decide']>>;

/** Chosen once: what whoever decides locks, so that the numbers of changes become visible in their order. */
const DECISIONS_LOCK = 0x10_0c_a1_20;

const NEXT_CHANGE = sql<number>`(select coalesce(max(change), 0) + 1 from duplicate_decisions)`;

/** What was decided of entries that look alike. */
export function decisionRows(db: Db): DecisionStore {
  return {
    list: ({ after, limit }) =>
      runTransaction(async () => {
        let query = standing(db).selectAll().orderBy('seq', 'desc').limit(limit);
        if (after !== undefined) query = query.where('seq', '<', after);
        return (await query.execute()).map(toDecision);
      }),
    count: () =>
      runTransaction(async () => {
        const { count } = await standing(db)
          .select((select) => select.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        return count;
      }),
    find: (decisionId) => runTransaction(() => findDecision(db, decisionId)),
    decide: (decisionId, decision) =>
      runTransaction(({ mayBeDone }) =>
        changing(db, async (transaction) => {
          const before = mayBeDone ? await findDecision(transaction, decisionId) : null;
          return before
            ? { decision: before, deletedHashes: decision.deleteOthers ? othersOf(decision) : [] }
            : decide(transaction, decisionId, decision);
        }),
      ),
    undo: (decisionId) =>
      runTransaction(({ mayBeDone }) =>
        changing(db, (transaction) => undo(transaction, decisionId, mayBeDone)),
      ),
  };
}

function standing(db: Db) {
  return db.selectFrom('duplicate_decisions').where('undone_at', 'is', null);
}

async function findDecision(db: Db, decisionId: string): Promise<Decision | null> {
  if (!isStorable(decisionId)) return null;
  const row = await standing(db).selectAll().where('decision_id', '=', decisionId).executeTakeFirst();
  return row ? toDecision(row) : null;
}

function changing<T>(db: Db, work: (transaction: Db) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${DECISIONS_LOCK})`.execute(transaction);
    return work(transaction);
  });
}

async function decide(transaction: Db, decisionId: string, decision: NewDecision): Promise<Decided> {
  const deletedHashes = decision.deleteOthers ? await deleteOthers(transaction, decision) : [];
  const { rows } = await sql<Selectable<DuplicateDecisionsTable>>`
    insert into duplicate_decisions
      (seq, change, decision_id, verdict, likeness, widest, content_hashes, kept_hashes)
    values (${NEXT_CHANGE}, ${NEXT_CHANGE}, ${decisionId}, ${decision.verdict}, ${decision.likeness}, ${decision.widest},
      ${JSON.stringify(decision.contentHashes)}, ${JSON.stringify(decision.keptHashes)})
    returning *`.execute(transaction);
  return { decision: toDecision(rows[0]!), deletedHashes };
}

function othersOf({ contentHashes, keptHashes }: NewDecision): string[] {
  return contentHashes.filter((hash) => !keptHashes.includes(hash));
}

/** Locks the entries in one order and then their bytes, as others do who lock several. */
async function deleteOthers(transaction: Db, decision: NewDecision): Promise<string[]> {
  const { rows: there } = await sql<{ hash: string }>`
    select encode(content_hash, 'hex') as hash from entries
    where content_hash = any(${allHashBytes(decision.contentHashes)}::bytea[])
    order by content_hash for update`.execute(transaction);
  const found = new Set(there.map(({ hash }) => hash));
  const gone = decision.keptHashes.find((hash) => !found.has(hash));
  if (gone !== undefined) throw new KeptEntryGoneError(gone);
  const others = othersOf(decision).filter((hash) => found.has(hash));
  const hashes = allHashBytes(others);
  if (decision.moveUrls) await copyUrls(transaction, hashes, hashBytes(decision.keptHashes[0]));
  await sql`
    select from blobs where content_hash = any(${hashes}::bytea[]) order by content_hash for update`.execute(
    transaction,
  );
  await sql`
    with removed as (
      delete from entries where content_hash = any(${hashes}::bytea[]) returning seq, content_hash, hash_high),
    ${RELEASE_BYTES},
    noted as (insert into changes (seq) select seq from removed where hash_high is not null)
    select seq from removed`.execute(transaction);
  return others;
}

/** By the entries in their order, behind those that are there. */
async function copyUrls(transaction: Db, from: readonly Buffer[], to: Buffer): Promise<void> {
  await sql`
    insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
    select ${to}, url, url_hash, client_name, lookup_time, clock_timestamp() from entry_urls
    where content_hash = any(${from}::bytea[])
    order by array_position(${from}::bytea[], content_hash), created_at, seq
    on conflict (content_hash, url_hash) do nothing`.execute(transaction);
}

/** @param mayBeDone whether an attempt before may have done it: then one that is undone is that one's work */
async function undo(transaction: Db, decisionId: string, mayBeDone: boolean): Promise<Decision | null> {
  if (!isStorable(decisionId)) return null;
  const { rows } = await sql<Selectable<DuplicateDecisionsTable>>`
    update duplicate_decisions set undone_at = clock_timestamp(), change = ${NEXT_CHANGE}
    where decision_id = ${decisionId} and undone_at is null returning *`.execute(transaction);
  const before =
    rows.length === 0 && mayBeDone
      ? await transaction
          .selectFrom('duplicate_decisions')
          .selectAll()
          .where('decision_id', '=', decisionId)
          .execute()
      : rows;
  return before[0] ? toDecision(before[0]) : null;
}

function toDecision(row: Selectable<DuplicateDecisionsTable>): Decision {
  return {
    decisionId: row.decision_id,
    seq: row.seq,
    verdict: row.verdict as Verdict,
    likeness: row.likeness as PairLikeness,
    widest: row.widest,
    decidedAt: row.decided_at,
    contentHashes: row.content_hashes,
    keptHashes: row.kept_hashes,
  };
}

import { type Selectable, sql } from 'kysely';
import {
  type Decision,
  KeptEntryGoneError,
  type NewDecision,
  type PairLikeness,
  type Verdict,
} from '../../../services/duplicates.js';
import { now } from '../../../services/timestamp.js';
import type { DecisionStore } from '../decisions.js';
import { findEntries } from './entries.js';
import { removeEntry } from './store-entry.js';
import type { Db, DuplicateDecisionsTable } from './tables.js';

/** What was decided of entries that look alike, all of them of the bucket of calls that name none. */
export function decisionRows(db: Db): DecisionStore {
  const standing = () => db.selectFrom('duplicate_decisions').where('undone_at', 'is', null);
  return {
    async list({ after, limit }) {
      let query = standing().selectAll().orderBy('seq', 'desc').limit(limit);
      if (after !== undefined) query = query.where('seq', '<', after);
      return (await query.execute()).map(toDecision);
    },
    async count() {
      const { count } = await standing()
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    async find(decisionId) {
      const row = await standing().selectAll().where('decision_id', '=', decisionId).executeTakeFirst();
      return row ? toDecision(row) : null;
    },
    decide: (decisionId, decision) =>
      db.transaction().execute((transaction) => decide(transaction, decisionId, decision)),
    async undo(decisionId) {
      const row = await db
        .updateTable('duplicate_decisions')
        .set({ undone_at: now(), change: NEXT_CHANGE })
        .where('decision_id', '=', decisionId)
        .where('undone_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      return row ? toDecision(row) : null;
    },
  };
}

const NEXT_CHANGE = sql<number>`(select coalesce(max(change), 0) + 1 from duplicate_decisions)`;

async function decide(
  transaction: Db,
  decisionId: string,
  decision: NewDecision,
): Promise<{ decision: Decision; deletedHashes: string[] }> {
  const deletedHashes = decision.deleteOthers ? await deleteOthers(transaction, decision) : [];
  const row = await transaction
    .insertInto('duplicate_decisions')
    .values({
      seq: NEXT_CHANGE,
      change: NEXT_CHANGE,
      decision_id: decisionId,
      verdict: decision.verdict,
      likeness: decision.likeness,
      widest: decision.widest,
      content_hashes: JSON.stringify(decision.contentHashes),
      kept_hashes: JSON.stringify(decision.keptHashes),
      decided_at: now(),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { decision: toDecision(row), deletedHashes };
}

async function deleteOthers(
  transaction: Db,
  { contentHashes, keptHashes, moveUrls }: NewDecision,
): Promise<string[]> {
  const there = await findEntries(transaction, '', keptHashes);
  const gone = keptHashes.find((hash) => !there.has(hash));
  if (gone !== undefined) throw new KeptEntryGoneError(gone);
  const others = contentHashes.filter((hash) => !keptHashes.includes(hash));
  const deleted: string[] = [];
  for (const other of others) {
    if (moveUrls) await copyUrls(transaction, other, keptHashes[0]);
    if (await removeEntry(transaction, '', other)) deleted.push(other);
  }
  return deleted;
}

/** In their order, behind those that are there. */
async function copyUrls(transaction: Db, from: string, to: string): Promise<void> {
  await sql`
    insert into entry_urls (content_hash, url, url_hash, client_name, lookup_time, created_at)
    select ${to}, url, url_hash, client_name, lookup_time, ${now()} from entry_urls
    where content_hash = ${from} and +bucket = '' order by created_at, seq
    on conflict (content_hash, bucket, url_hash) do nothing`.execute(transaction);
}

function toDecision(row: Selectable<DuplicateDecisionsTable>): Decision {
  return {
    decisionId: row.decision_id,
    seq: row.seq,
    verdict: row.verdict as Verdict,
    likeness: row.likeness as PairLikeness,
    widest: row.widest,
    decidedAt: row.decided_at,
    contentHashes: JSON.parse(row.content_hashes),
    keptHashes: JSON.parse(row.kept_hashes),
  };
}

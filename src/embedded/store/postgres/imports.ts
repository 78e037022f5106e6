import { type ImportState, UnfinishedImportError } from '../transfer.js';
import type { Db } from './tables.js';

/** Chosen once: what gateways that start for the first time lock, and imports that begin. */
export const FIRST_ROWS_LOCK = 0x10_0c_a1_1f;

export async function findImport(db: Db): Promise<ImportState | null> {
  const row = await db.selectFrom('imports').select(['source', 'finished_at']).executeTakeFirst();
  return row ? { source: row.source, finished: row.finished_at !== null } : null;
}

/** @throws UnfinishedImportError while rows are copied to this database */
export async function refuseUnfinishedImport(db: Db): Promise<void> {
  if ((await findImport(db))?.finished === false) throw new UnfinishedImportError();
}

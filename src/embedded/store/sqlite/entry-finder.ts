import type { Entry } from '../../../services/entry.js';
import { type EntryRow, FIND_ENTRY, findEntries, toEntry } from './entries.js';
import type { Statements } from './statements.js';
import type { Db } from './tables.js';

/** Finds entries of a bucket by their content hashes. */
export type EntryFinder = (bucket: string, contentHashes: readonly string[]) => Promise<Map<string, Entry>>;

/**
 * Finds entries. Most requests want one: its statement is not composed, which takes twice as long as running it, and runs at
 * once where no transaction is open.
 */
export function createEntryFinder(db: Db, statements: Statements): EntryFinder {
  return async (bucket, contentHashes) => {
    if (contentHashes.length !== 1 || statements.inTransaction) return findEntries(db, bucket, contentHashes);
    const rows = statements.prepare(FIND_ENTRY).all([...contentHashes, bucket]) as EntryRow[];
    return new Map(rows.map((row) => [row.content_hash, toEntry(row, bucket)]));
  };
}

import { sql } from 'kysely';
import type Database from 'libsql';
import type { CheckedFolder, Finding } from './finding.js';

/** As many of SQLite's lines as say what it is about. */
const LINES = 3;

/** @returns whether the tables can be relied on */
export async function* checkDatabase({ database, quick }: CheckedFolder): AsyncGenerator<Finding, boolean> {
  const problems = integrityProblems(database, quick);
  let reliable = problems.length === 0;
  if (reliable) return true;
  yield {
    kind: 'damaged-database',
    problem: `SQLite reports: ${problems.slice(0, LINES).join('; ')}${problems.length > LINES ? '; and more' : ''}.`,
    remedy: 'The indexes are built anew, and all else is looked at after that.',
    async repair({ store }) {
      await sql`reindex`.execute(store).catch((error: unknown) => {
        if (!isDamaged(error)) throw error;
      });
      reliable = integrityProblems(database, quick).length === 0;
      if (!reliable)
        throw new Error('The tables themselves are damaged: restore lookalike.db from a backup.');
    },
  };
  return reliable;
}

function integrityProblems(database: Database.Database, quick: boolean): string[] {
  const pragma = quick ? 'quick_check' : 'integrity_check';
  try {
    const rows = database.prepare(`pragma ${pragma}`).raw().all() as [string][];
    return rows.map(([line]) => line).filter((line) => line !== 'ok');
  } catch (error) {
    if (isDamaged(error)) return [error.message];
    throw error;
  }
}

/** Whether SQLite gave up over what it read. */
export function isDamaged(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}

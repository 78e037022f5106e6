import type { CheckedFolder, Finding } from './finding.js';

/** As many of the database's lines as say what they are about. */
const LINES = 3;

/** @returns whether the tables can be relied on */
export async function* checkDatabase({
  store: { audit },
  quick,
}: CheckedFolder): AsyncGenerator<Finding, boolean> {
  const problems = await audit.integrityProblems(quick);
  let reliable = problems.length === 0;
  if (reliable) return true;
  const some = `${problems.slice(0, LINES).join('; ')}${problems.length > LINES ? '; and more' : ''}`;
  yield {
    kind: 'damaged-database',
    problem: `${audit.database} reports: ${some}.`,
    remedy: 'The indexes are built anew, and all else is looked at after that.',
    async repair({ store }) {
      await store.audit.rebuildIndexes();
      reliable = (await audit.integrityProblems(quick)).length === 0;
      if (!reliable)
        throw new Error('The tables themselves are damaged: restore lookalike.db from a backup.');
    },
  };
  return reliable;
}

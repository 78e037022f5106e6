import type { WrongCount } from '../store/audit.js';
import type { CheckedFolder, Finding } from './finding.js';

/** How many rows need each picture's bytes: the sweeper removes those that none needs. */
export async function* checkCounts({ store: { audit } }: CheckedFolder): AsyncGenerator<Finding> {
  for await (const rows of audit.wrongCounts()) for (const row of rows) yield wrongCount(row);
}

function wrongCount({ contentHash, refs, releasedAt, needed }: WrongCount): Finding {
  const counted =
    refs === needed ? `and it is marked as ${releasedAt ? 'released' : 'needed'}` : `counted: ${refs}`;
  return {
    kind: 'wrong-count',
    problem: `Rows that need the bytes of ${contentHash}: ${needed}, ${counted}.`,
    remedy: 'The count is set right.',
    repair: ({ store }) => store.audit.correctCount(contentHash, needed),
  };
}

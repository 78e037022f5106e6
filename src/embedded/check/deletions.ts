import type { CheckedFolder, Finding } from './finding.js';

/** The notes that let searches forget deleted rows. */
export async function* checkDeletions({ store: { audit } }: CheckedFolder): AsyncGenerator<Finding> {
  for (const kind of ['entry', 'image'] as const) {
    for await (const rows of audit.wrongDeletions(kind)) {
      for (const { id, seq } of rows) {
        yield {
          kind: 'wrong-deletion',
          problem: `The ${kind} in row ${seq} is noted as deleted, and is there.`,
          remedy: 'The note is removed.',
          repair: ({ store }) => store.audit.deleteDeletion(kind, id),
        };
      }
    }
  }
}

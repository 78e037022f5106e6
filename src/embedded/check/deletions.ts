import { batches } from './batches.js';
import type { CheckedFolder, Finding } from './finding.js';

const KINDS = [
  { table: 'deleted_entries', living: 'entries', one: 'entry' },
  { table: 'deleted_images', living: 'images', one: 'image' },
] as const;

/** The notes that let searches forget what is deleted. */
export async function* checkDeletions({ database }: CheckedFolder): AsyncGenerator<Finding> {
  for (const { table, living, one } of KINDS) {
    const query = `select id, seq from ${table} where id > ? and seq in (select seq from ${living}) order by id limit ?`;
    for await (const rows of batches<{ id: number; seq: number }, 'id'>(database, query, 'id', 0)) {
      for (const { id, seq } of rows) {
        yield {
          kind: 'wrong-deletion',
          problem: `The ${one} in row ${seq} is noted as deleted, and is there.`,
          remedy: 'The note is removed.',
          async repair({ store }) {
            await store.deleteFrom(table).where('id', '=', id).execute();
          },
        };
      }
    }
  }
}

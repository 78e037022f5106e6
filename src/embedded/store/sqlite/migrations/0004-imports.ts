import { type Kysely, sql } from 'kysely';

/** Notes which installation was copied to here; at most one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('imports')
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('begun_at', 'text', (column) => column.notNull())
    .addColumn('finished_at', 'text')
    .modifyEnd(sql`strict`)
    .execute();
}

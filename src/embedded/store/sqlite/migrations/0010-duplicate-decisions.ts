import { type Kysely, sql } from 'kysely';

/** What was decided of entries that look alike. Each row holds for every pair of its content hashes, which are JSON. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('duplicate_decisions')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('change', 'integer', (column) => column.notNull().unique())
    .addColumn('decision_id', 'text', (column) => column.notNull().unique())
    .addColumn('verdict', 'text', (column) => column.notNull())
    .addColumn('likeness', 'text', (column) => column.notNull())
    .addColumn('widest', 'integer', (column) => column.notNull())
    .addColumn('content_hashes', 'text', (column) => column.notNull())
    .addColumn('kept_hashes', 'text', (column) => column.notNull())
    .addColumn('decided_at', 'text', (column) => column.notNull())
    .addColumn('undone_at', 'text')
    .modifyEnd(sql`strict`)
    .execute();
}

import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** Secrets that the installation made for itself. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('secrets')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('secret', 'blob', (column) => column.notNull())
    .modifyEnd(sql`strict`)
    .execute();
}

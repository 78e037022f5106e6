import { type Kysely, sql } from 'kysely';

/** Lets a collection be deleted: its row stays, without a name, and its images go little by little. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('collections').addColumn('deleted_at', 'text').execute();
  await db.schema
    .createIndex('collections_deleted')
    .on('collections')
    .column('collection_id')
    .where(sql.ref('deleted_at'), 'is not', null)
    .execute();
}

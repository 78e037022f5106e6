import { type Kysely, sql } from 'kysely';

/**
 * Lets a collection be deleted: its row stays, without a name, and its images go little by little. Gateways of the
 * version before go on; to them it is a collection without a name.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`alter table collections add column deleted_at timestamptz`.execute(db);
  await sql`create index collections_deleted on collections (collection_id) where deleted_at is not null`.execute(
    db,
  );
}

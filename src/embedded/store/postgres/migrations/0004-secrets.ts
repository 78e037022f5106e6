import { type Kysely, sql } from 'kysely';

/** Secrets that the installation made for itself, the same for all gateways. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create table secrets (name text collate "C" primary key, secret bytea not null)`.execute(db);
}

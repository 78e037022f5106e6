import type { Kysely } from 'kysely';

/** Lets the second half of a hash be looked up, as its first half is by entries_hash0. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('entries_hash2').execute();
  await db.schema
    .createIndex('entries_hash2')
    .on('entries')
    .columns(['hash2', 'hash3', 'hash0', 'hash1'])
    .execute();
}

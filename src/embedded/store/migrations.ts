import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator, sql } from 'kysely';
import { createImgCacheTables } from './imgcache-tables.js';
import type { Store } from './tables.js';
import { createVisualSnoopTables } from './visualsnoop-tables.js';

/** Forward only; the names order them and are never changed. */
const migrations: Record<string, Migration> = {
  '0001_imgcache': { up: createImgCacheTables },
  '0002_visualsnoop': { up: createVisualSnoopTables },
};

/** Brings the tables up to date. */
export async function migrate(store: Store): Promise<void> {
  await refuseNewerTables(store);
  const migrator = new Migrator({ db: store, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

/** An older program would write rows that the newer one no longer understands. */
async function refuseNewerTables(store: Store): Promise<void> {
  const tables = await store.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return;
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(store);
  if (rows.some(({ name }) => !(name in migrations)))
    throw new Error('The data folder was written by a newer version of lookalike.');
}

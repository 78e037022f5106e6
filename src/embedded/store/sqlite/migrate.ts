import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator, sql } from 'kysely';
import { TablesVersionError } from '../tables-version-error.js';
import * as imgcache from './migrations/0001-imgcache.js';
import * as visualsnoop from './migrations/0002-visualsnoop.js';
import * as hashHalves from './migrations/0003-hash-halves.js';
import * as imports from './migrations/0004-imports.js';
import * as urlTrigrams from './migrations/0005-url-trigrams.js';
import * as lists from './migrations/0006-lists.js';
import * as imageKeypoints from './migrations/0007-image-keypoints.js';
import * as secrets from './migrations/0008-secrets.js';
import * as deletedCollections from './migrations/0009-deleted-collections.js';
import * as duplicateDecisions from './migrations/0010-duplicate-decisions.js';
import * as buckets from './migrations/0011-buckets.js';
import type { Db } from './tables.js';

/**
 * Every migration, forward only, with the name that existing databases know it by: the names order them and are never
 * changed. A new one is a file of its own in migrations/ and a line here.
 */
export const MIGRATIONS: Record<string, Migration> = {
  '0001_imgcache': imgcache,
  '0002_visualsnoop': visualsnoop,
  '0003_hash_halves': hashHalves,
  '0004_imports': imports,
  '0005_url_trigrams': urlTrigrams,
  '0006_lists': lists,
  '0007_image_keypoints': imageKeypoints,
  '0008_secrets': secrets,
  '0009_deleted_collections': deletedCollections,
  '0010_duplicate_decisions': duplicateDecisions,
  '0011_buckets': buckets,
};

/**
 * Brings the tables up to date, in one transaction.
 * @throws TablesVersionError when they are newer
 */
export async function migrate(db: Db): Promise<void> {
  refuseNewerTables(await appliedMigrations(db));
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

/** @throws TablesVersionError when the tables are newer or older */
export async function requireCurrentTables(db: Db): Promise<void> {
  const applied = await appliedMigrations(db);
  refuseNewerTables(applied);
  if (applied.length < Object.keys(MIGRATIONS).length)
    throw new TablesVersionError('The data folder was written by an older version of lookalike.');
}

/** An older program would write rows that the newer one no longer understands. */
function refuseNewerTables(applied: readonly string[]): void {
  if (applied.some((name) => !(name in MIGRATIONS)))
    throw new TablesVersionError('The data folder was written by a newer version of lookalike.');
}

async function appliedMigrations(db: Db): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return [];
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db);
  return rows.map(({ name }) => name);
}

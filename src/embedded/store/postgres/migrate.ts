import { sql } from 'kysely';
import { NoTablesError, TablesVersionError } from '../tables-version-error.js';
import * as tables from './migrations/0001-tables.js';
import * as lists from './migrations/0002-lists.js';
import * as imageKeypoints from './migrations/0003-image-keypoints.js';
import * as secrets from './migrations/0004-secrets.js';
import * as deletedCollections from './migrations/0005-deleted-collections.js';
import * as duplicateDecisions from './migrations/0006-duplicate-decisions.js';
import * as buckets from './migrations/0007-buckets.js';
import type { Db } from './tables.js';

export interface Migration {
  up(transaction: Db): Promise<void>;
  /**
   * How many migrations a gateway must know to work with the tables after this one.
   *
   * Gateways of the version before run on while the new ones start, so a change of the tables takes two releases:
   * - expand: add tables, columns with defaults and indexes that older gateways can do without; the minimum stays.
   * - contract, when nobody runs those any more: drop what is no longer used; the minimum is that of the expansion.
   *
   * A large index is built by the operator beforehand, with `create index concurrently if not exists`: a migration is one
   * transaction.
   */
  minimum: number;
}

/** Every migration, forward only: the number of them is the version of the tables. A new one comes at the end. */
export const MIGRATIONS: readonly Migration[] = [
  { up: tables.up, minimum: 1 },
  { up: lists.up, minimum: 1 },
  { up: imageKeypoints.up, minimum: 1 },
  { up: secrets.up, minimum: 1 },
  { up: deletedCollections.up, minimum: 1 },
  { up: duplicateDecisions.up, minimum: 1 },
  { up: buckets.up, minimum: 1 },
];

/** Chosen once: what all gateways lock while they migrate. */
const MIGRATION_LOCK = 0x10_0c_a1_1e;

/**
 * Brings the tables up to date in one transaction, one gateway at a time.
 * @throws TablesVersionError when this gateway is too old for them
 */
export async function migrate(db: Db, migrations = MIGRATIONS): Promise<void> {
  const before = await findVersion(db);
  if (before && before.version >= migrations.length) return refuseTooOld(before.minimum, migrations.length);
  await db.transaction().execute(async (transaction) => {
    // A lock of the session would stay with the server's connection behind a bouncer.
    await sql`set local lock_timeout = '30s'`.execute(transaction);
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction);
    const found = await findVersion(transaction);
    if (found) refuseTooOld(found.minimum, migrations.length);
    else await createVersion(transaction);
    const missing = migrations.slice(found?.version ?? 0);
    for (const { up } of missing) await up(transaction);
    const last = missing.at(-1);
    if (!last) return;
    await transaction
      .updateTable('lookalike_version')
      .set({
        version: migrations.length,
        // Rows may ask for more than their tables do.
        minimum: sql`greatest(minimum, ${last.minimum}::integer)`,
      })
      .execute();
  });
}

/** Makes all tables in a database without any, and takes them back: whether they could be made. */
export async function tryMigrations(db: Db): Promise<void> {
  const undo = new Error('All of it is rolled back.');
  const trying = db.transaction().execute(async (transaction) => {
    await createVersion(transaction);
    for (const { up } of MIGRATIONS) await up(transaction);
    throw undo;
  });
  await trying.catch((error: unknown) => {
    if (error !== undo) throw error;
  });
}

/** @throws TablesVersionError when there are none, when they are older, or when this program is too old for them */
export async function requireCurrentTables(db: Db): Promise<void> {
  const found = await findVersion(db);
  if (!found) throw new NoTablesError('DATABASE_URL: the database has no tables of lookalike.');
  if (found.version < MIGRATIONS.length)
    throw new TablesVersionError(
      'DATABASE_URL: the database was written by an older version of lookalike; lookalike serve brings it up to date.',
    );
  refuseTooOld(found.minimum, MIGRATIONS.length);
}

function refuseTooOld(minimum: number, known: number): void {
  if (known < minimum)
    throw new TablesVersionError(
      'DATABASE_URL: the database was written by a newer version of lookalike, and this one is too old for it.',
    );
}

async function findVersion(db: Db): Promise<{ version: number; minimum: number } | null> {
  // A look into the catalog itself: to_regclass may remember that there was no such table.
  const { rows } = await sql<{ there: boolean }>`
    select exists (
      select from pg_tables where tablename = 'lookalike_version' and schemaname = any(current_schemas(false))
    ) as there`.execute(db);
  if (!rows[0]!.there) return null;
  return db.selectFrom('lookalike_version').select(['version', 'minimum']).executeTakeFirstOrThrow();
}

async function createVersion(db: Db): Promise<void> {
  await sql`create table lookalike_version (version integer not null, minimum integer not null)`.execute(db);
  await db.insertInto('lookalike_version').values({ version: 0, minimum: 0 }).execute();
}

import { Kysely, PostgresDialect } from 'kysely';
import type { OnSql } from '../sql-report.js';
import type { Store } from '../store.js';
import { type PostgresAddress, parsePostgresUrl } from './address.js';
import { dropForeignChanges, trimChanges } from './change-feed.js';
import { PostgresCounts } from './counts.js';
import { PostgresDecisionRows } from './decision-rows.js';
import { told } from './failures.js';
import { type DatabaseFigures, readFigures } from './figures.js';
import { PostgresHashIndex } from './hash-index.js';
import { PostgresHashRows } from './hash-rows.js';
import { PostgresImageRows } from './image-rows.js';
import { PostgresLookRows } from './look-rows.js';
import { migrate, requireCurrentTables, tryMigrations } from './migrate.js';
import { type OnDatabaseOutage, watchOutages } from './outage.js';
import { Pool, type PoolFigures, type PoolOptions } from './pool.js';
import { createPostgresStore } from './postgres-store.js';
import type { Db, Tables } from './tables.js';
import { explainUnusable } from './unusable.js';
import { PostgresUrlSearch } from './url-search.js';

const TRIM_PAUSE_MS = 60_000;

/** A database that is open. */
export interface OpenPostgres {
  store: Store;
  hashIndex: PostgresHashIndex;
  urlSearch: PostgresUrlSearch;
  counts: PostgresCounts;
  /** The tables through Kysely. */
  db: Db;
  /** The connections of this process. */
  poolFigures(): PoolFigures;
  /** @throws StorageError */
  readFigures(): Promise<DatabaseFigures>;
  close(): Promise<void>;
}

export interface OpenPostgresOptions {
  onSql?: OnSql | undefined;
  onDatabaseOutage?: OnDatabaseOutage | undefined;
  /**
   * Takes the errors of work in the background.
   * @default they are dropped; the work is tried again later
   */
  onError?: ((error: unknown) => void) | undefined;
}

interface Connections {
  address: PostgresAddress;
  db: Db;
  pool: Pool;
}

function connect(
  url: string,
  options?: PoolOptions,
  onDatabaseOutage: OnDatabaseOutage = () => {},
): Connections {
  const address = parsePostgresUrl(url);
  const pool = new Pool(address, options);
  const dialect = new PostgresDialect({ pool: watchOutages(pool, onDatabaseOutage) });
  return { address, pool, db: new Kysely<Tables>({ dialect }) };
}

/**
 * Connects to the database and brings its tables up to date.
 * @throws DatabaseUrlError, UnusableDatabaseError, TablesVersionError
 */
export async function openPostgresStore(
  url: string,
  { onSql, onDatabaseOutage, onError = () => {} }: OpenPostgresOptions = {},
): Promise<OpenPostgres> {
  // A migration may take long, and one that another gateway runs is waited for.
  await withConnections(connect(url, { maxConnections: 1, statementTimeoutMs: 0 }), async (db) => {
    await migrate(db);
    await dropForeignChanges(db);
  });
  const connections = connect(url, { onSql }, onDatabaseOutage);
  const { db } = connections;
  const trimming = setInterval(
    () => void trimChanges(db).catch((error) => onError(told(error))),
    TRIM_PAUSE_MS,
  ).unref();
  return {
    ...opened(connections),
    async close() {
      clearInterval(trimming);
      await db.destroy();
    },
  };
}

/**
 * Connects to the database as it is, for a command beside the gateways that work with it.
 * @throws the same
 */
export async function openPostgresReader(url: string): Promise<OpenPostgres> {
  const connections = connect(url, { statementTimeoutMs: 0 });
  try {
    await requireCurrentTables(connections.db);
  } catch (error) {
    await connections.db.destroy();
    throw explainUnusable(error, connections.address);
  }
  return opened(connections);
}

/**
 * Finds out whether the tables could be made in a database that has none, and leaves it so.
 * @throws the same
 */
export function tryTables(url: string): Promise<void> {
  return withConnections(connect(url, { maxConnections: 1, statementTimeoutMs: 0 }), tryMigrations);
}

function opened({ db, pool }: Connections): OpenPostgres {
  return {
    store: createPostgresStore(db),
    hashIndex: new PostgresHashIndex(db),
    urlSearch: new PostgresUrlSearch(db),
    counts: new PostgresCounts(db),
    db,
    poolFigures: () => pool.figures(),
    readFigures: () => readFigures(db),
    close: () => db.destroy(),
  };
}

async function withConnections({ db, address }: Connections, work: (db: Db) => Promise<void>): Promise<void> {
  try {
    await work(db);
  } catch (error) {
    throw explainUnusable(error, address);
  } finally {
    await db.destroy();
  }
}

/** For a thread that scans entries: one connection. */
export function openPostgresEntryRows(url: string): {
  hashes: PostgresHashRows;
  urlSearch: PostgresUrlSearch;
  counts: PostgresCounts;
  close(): Promise<void>;
} {
  const { db } = connect(url, { maxConnections: 1 });
  return {
    hashes: new PostgresHashRows(db),
    urlSearch: new PostgresUrlSearch(db),
    counts: new PostgresCounts(db),
    close: () => db.destroy(),
  };
}

/** For a thread that groups entries: one connection. */
export function openPostgresDuplicateRows(
  url: string,
  version: number,
): {
  hashes: PostgresHashRows;
  decisions: PostgresDecisionRows;
  looks: PostgresLookRows;
  close(): Promise<void>;
} {
  const { db } = connect(url, { maxConnections: 1 });
  return {
    hashes: new PostgresHashRows(db),
    decisions: new PostgresDecisionRows(db),
    looks: new PostgresLookRows(db, version),
    close: () => db.destroy(),
  };
}

/** For a thread that searches images: one connection. */
export function openPostgresImageRows(
  url: string,
  version: number,
): { images: PostgresImageRows; close(): Promise<void> } {
  const { db } = connect(url, { maxConnections: 1 });
  return { images: new PostgresImageRows(db, version), close: () => db.destroy() };
}

import { open } from 'node:fs/promises';
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely';
import Database from 'libsql';
import type { OnSql } from '../sql-report.js';
import type { Store } from '../store.js';
import { migrate, requireCurrentTables } from './migrate.js';
import { openReadOnly } from './read-only.js';
import { createSqliteStore } from './sqlite-store.js';
import { Statements } from './statements.js';
import type { Db, Tables } from './tables.js';
import { WriteAheadLog } from './write-ahead-log.js';

/** A database file that is open: its operations, the tables through Kysely, and the connection below both. */
export interface OpenSqlite {
  store: Store;
  db: Db;
  connection: Database.Database;
  close(): Promise<void>;
}

/** Opens the file, or makes it for this user alone, and brings its tables up to date. */
export async function openSqliteStore(path: string, onSql?: OnSql): Promise<OpenSqlite> {
  // SQLite gives its other files the mode that it finds, and takes an empty file for an empty database.
  await (await open(path, 'a', 0o600)).close();
  const connection = new Database(path);
  // Readers in other threads go on while this one writes; FULL makes a commit survive the loss of power.
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  connection.pragma('busy_timeout = 5000');
  // The triggers of a table run for the rows that others replace, too.
  connection.pragma('recursive_triggers = ON');
  const log = new WriteAheadLog(path, connection);
  const opened = await openTables(connection, migrate, () => log.sync(), onSql);
  return {
    ...opened,
    async close() {
      log.close();
      moveIntoFile(connection);
      await opened.close();
    },
  };
}

/** Lets a copy of the database's own file be a copy of all: libsql leaves new rows in the file beside it. */
function moveIntoFile(connection: Database.Database): void {
  try {
    connection.pragma('wal_checkpoint(truncate)');
  } catch {
    // As on a full disk: the next start reads it from there.
  }
}

/**
 * Opens the file for reading only, while others may write.
 * @throws TablesVersionError when its tables are newer or older
 */
export function openSqliteReader(path: string): Promise<OpenSqlite> {
  return openTables(openReadOnly(path), requireCurrentTables, async () => {});
}

async function openTables(
  connection: Database.Database,
  prepare: (db: Db) => Promise<void>,
  sync: () => Promise<void>,
  onSql?: OnSql,
): Promise<OpenSqlite> {
  const statements = new Statements(connection, onSql);
  const db = new Kysely<Tables>({ dialect: new Dialect({ database: statements }) });
  try {
    await prepare(db);
    statements.forget();
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const store = createSqliteStore(db, connection, statements, sync);
  return { store, db, connection, close: () => db.destroy() };
}

/** Kysely does not rely on it that SQLite can take back changes of tables. It can, so that no migration is left half done. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class Dialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new Adapter();
  }
}

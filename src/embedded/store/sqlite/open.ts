import { open } from 'node:fs/promises';
import { Kysely, SqliteAdapter, SqliteDialect, type SqliteStatement } from 'kysely';
import Database from 'libsql';
import { LRUCache } from 'lru-cache';
import type { OnSql } from '../sql-report.js';
import type { Store } from '../store.js';
import { migrate, requireCurrentTables } from './migrate.js';
import { openReadOnly } from './read-only.js';
import { createSqliteStore } from './sqlite-store.js';
import type { Db, Tables } from './tables.js';

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
  const opened = await openTables(connection, migrate, onSql);
  return {
    ...opened,
    async close() {
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
  return openTables(openReadOnly(path), requireCurrentTables);
}

async function openTables(
  connection: Database.Database,
  prepare: (db: Db) => Promise<void>,
  onSql?: OnSql,
): Promise<OpenSqlite> {
  const db = new Kysely<Tables>({
    dialect: new Dialect({ database: withPreparedStatements(connection, onSql) }),
  });
  try {
    await prepare(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { store: createSqliteStore(db, connection), db, connection, close: () => db.destroy() };
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

const NOTHING = 'select 1 where false';

/** Kysely prepares a statement for each call; most calls repeat a few. */
function withPreparedStatements(connection: Database.Database, onSql: OnSql | undefined) {
  const statements = new LRUCache<string, SqliteStatement>({ max: 200 });
  return {
    prepare(wanted: string): SqliteStatement {
      // On a full disk SQLite rolls back by itself; rolling back once more would hide why.
      const sql = wanted === 'rollback' && !connection.inTransaction ? NOTHING : wanted;
      // A pragma may do its work when it is prepared, not each time that it runs.
      if (sql.startsWith('pragma')) return connection.prepare(sql);
      const known = statements.get(sql);
      if (known) return known;
      const prepared = connection.prepare(sql);
      const statement = onSql ? timed(prepared, onSql) : prepared;
      statements.set(sql, statement);
      return statement;
    },
    close(): void {
      statements.clear();
      connection.close();
    },
  };
}

/** Kysely's own log of queries costs each of them several promises more. */
function timed(statement: Database.Statement, onSql: OnSql): SqliteStatement {
  const kind = statement.reader ? 'READ' : 'WRITE';
  function time<T>(execute: () => T): T {
    const startedAt = performance.now();
    try {
      return execute();
    } finally {
      onSql({ kind, durationMs: performance.now() - startedAt });
    }
  }
  return {
    reader: statement.reader,
    all: (parameters) => time(() => statement.all(parameters)),
    run: (parameters) => time(() => statement.run(parameters)),
    iterate: (parameters) => statement.iterate(parameters),
  };
}

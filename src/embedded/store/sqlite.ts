import { open } from 'node:fs/promises';
import { Kysely, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { LRUCache } from 'lru-cache';
import { migrate } from './migrations.js';
import type { Store, Tables } from './tables.js';

/** A database file opened for reading and writing: the tables through Kysely, and the connection below it. */
export interface SqliteStore {
  store: Store;
  connection: Database.Database;
  close(): Promise<void>;
}

/** Opens the file, or makes it for this user alone, and brings its tables up to date. */
export async function openSqliteStore(path: string): Promise<SqliteStore> {
  // SQLite gives its other files the mode that it finds, and takes an empty file for an empty database.
  await (await open(path, 'a', 0o600)).close();
  const connection = new Database(path);
  // Readers in other threads go on while this one writes; FULL makes a commit survive the loss of power.
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  connection.pragma('busy_timeout = 5000');
  const store = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: withPreparedStatements(connection) }),
  });
  try {
    await migrate(store);
  } catch (error) {
    await store.destroy();
    throw error;
  }
  return { store, connection, close: () => store.destroy() };
}

const NOTHING = 'select 1 where false';

/** Kysely prepares a statement for each call; most calls repeat a few. */
function withPreparedStatements(connection: Database.Database) {
  const statements = new LRUCache<string, Database.Statement>({ max: 200 });
  return {
    prepare(wanted: string): Database.Statement {
      // On a full disk SQLite rolls back by itself; rolling back once more would hide why.
      const sql = wanted === 'rollback' && !connection.inTransaction ? NOTHING : wanted;
      const known = statements.get(sql);
      if (known) return known;
      const statement = connection.prepare(sql);
      statements.set(sql, statement);
      return statement;
    },
    close(): void {
      statements.clear();
      connection.close();
    },
  };
}

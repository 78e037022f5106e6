import type { SqliteStatement } from 'kysely';
import type Database from 'libsql';
import { LRUCache } from 'lru-cache';
import type { OnSql } from '../sql-report.js';

const NOTHING = 'select 1 where false';
const NO_SYNC = 'pragma synchronous = normal';
const SYNC = 'pragma synchronous = full';

/** The statements of a connection, prepared once each: Kysely prepares one for each call, and most calls repeat a few. */
export class Statements {
  readonly #connection: Database.Database;
  readonly #onSql: OnSql | undefined;
  readonly #kept = new LRUCache<string, SqliteStatement>({ max: 200 });

  constructor(connection: Database.Database, onSql?: OnSql) {
    this.#connection = connection;
    this.#onSql = onSql;
  }

  /** Whether a transaction is open: what is read then may be rolled back. */
  get inTransaction(): boolean {
    return this.#connection.inTransaction;
  }

  prepare(wanted: string): SqliteStatement {
    // On a full disk SQLite rolls back by itself; rolling back once more would hide why.
    const sql = wanted === 'rollback' && !this.#connection.inTransaction ? NOTHING : wanted;
    // A pragma may do its work when it is prepared, not each time that it runs.
    if (sql.startsWith('pragma')) return this.#connection.prepare(sql);
    const known = this.#kept.get(sql);
    if (known) return known;
    const prepared = this.#connection.prepare(sql);
    const named = prepared.reader ? withNames(prepared) : prepared;
    const statement = this.#onSql ? reporting(named, this.#onSql) : named;
    this.#kept.set(sql, statement);
    return statement;
  }

  /**
   * Prepares a statement that finds one row, as its values in the order of the columns; undefined for none. Without names, and
   * without the iterator that libsql makes to read all rows, it takes two thirds of the time.
   */
  prepareFirst(sql: string): (parameters: unknown[]) => readonly unknown[] | undefined {
    const statement = this.#connection.prepare(sql).raw();
    // Of a statement in raw mode.
    const find = (parameters: unknown[]) => statement.get(parameters) as readonly unknown[] | undefined;
    const onSql = this.#onSql;
    return onSql ? (parameters) => timed('READ', onSql, () => find(parameters)) : find;
  }

  /** Runs one write that is not waited for until it is durable: its commit keeps its order with all others. No transaction is open. */
  runWithoutSync(sql: string, parameters: readonly unknown[]): void {
    this.#connection.exec(NO_SYNC);
    try {
      this.prepare(sql).run(parameters);
    } finally {
      this.#connection.exec(SYNC);
    }
  }

  /** The same of all that work writes at once; none of it stays where it throws. */
  transactWithoutSync<T>(work: () => T): T {
    try {
      this.#connection.exec(`${NO_SYNC}; begin immediate`);
      const result = work();
      this.#connection.exec(`commit; ${SYNC}`);
      return result;
    } catch (error) {
      // On a full disk SQLite rolls back by itself.
      if (this.inTransaction) this.#connection.exec('rollback');
      this.#connection.exec(SYNC);
      throw error;
    }
  }

  /** For after a change of the tables: statements are prepared with the columns that there were. */
  forget(): void {
    this.#kept.clear();
  }

  close(): void {
    this.forget();
    this.#connection.close();
  }
}

type Row = Record<string, unknown>;

/** Gives rows their names here: those that libsql names by itself take half as long again. */
function withNames(statement: Database.Statement): SqliteStatement {
  const names = statement
    .raw()
    .columns()
    .map(({ name }) => name);
  return {
    reader: true,
    all: (parameters) => statement.all(parameters).map((values) => toRow(names, values)),
    run: (parameters) => statement.run(parameters),
    *iterate(parameters) {
      for (const values of statement.iterate(parameters)) yield toRow(names, values);
    },
  };
}

/** @param values of a statement in raw mode, which gives arrays */
function toRow(names: readonly string[], values: unknown): Row {
  const row: Row = {};
  for (let i = 0; i < names.length; i++) row[names[i]!] = toCell((values as unknown[])[i]);
  return row;
}

/** A blob is an ArrayBuffer in a row that libsql names, and a Buffer in an array. */
function toCell(value: unknown): unknown {
  return value instanceof Uint8Array ? new Uint8Array(value).buffer : value;
}

/** Kysely's own log of queries costs each of them several promises more. */
function reporting(statement: SqliteStatement, onSql: OnSql): SqliteStatement {
  const kind = statement.reader ? 'READ' : 'WRITE';
  return {
    reader: statement.reader,
    all: (parameters) => timed(kind, onSql, () => statement.all(parameters)),
    run: (parameters) => timed(kind, onSql, () => statement.run(parameters)),
    iterate: (parameters) => statement.iterate(parameters),
  };
}

function timed<T>(kind: 'READ' | 'WRITE', onSql: OnSql, execute: () => T): T {
  const startedAt = performance.now();
  try {
    return execute();
  } finally {
    onSql({ kind, durationMs: performance.now() - startedAt });
  }
}

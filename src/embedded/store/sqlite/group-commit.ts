import type { Statements } from './statements.js';
import type { Db } from './tables.js';

/** So many rows keep all other requests waiting for a few milliseconds. */
const MAX_GROUP = 64;

interface WaitingWrite {
  /** Writes a row by statements, at once; may run again where a commit of several failed. */
  write(): unknown;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** One connection to a database, by Kysely and by statements. */
export interface Connection {
  db: Db;
  statements: Statements;
}

/** Runs statements at once where no transaction is open, else behind it. */
export async function runAlone<T>({ db, statements }: Connection, work: () => T): Promise<T> {
  return statements.inTransaction ? db.connection().execute(async () => work()) : work();
}

/**
 * Commits rows of several writers together. Those that come while a commit is made durable wait for it, and are the next one:
 * the longer the disk takes, the more rows share the wait. A row that fails leaves the others as they are, and each writer has
 * its answer once its row is durable.
 */
export class GroupCommit {
  readonly #connection: Connection;
  readonly #sync: () => Promise<void>;
  readonly #waiting: WaitingWrite[] = [];
  #isRunning = false;

  /** @param sync makes all that was committed durable */
  constructor(connection: Connection, sync: () => Promise<void>) {
    this.#connection = connection;
    this.#sync = sync;
  }

  /** @param write by statements alone, at once; it is taken back as a whole where it throws */
  run<T>(write: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ write, resolve: resolve as (result: unknown) => void, reject });
      if (!this.#isRunning) void this.#commitAll();
    });
  }

  async #commitAll(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) await this.#commitNext(this.#waiting.splice(0, MAX_GROUP));
    this.#isRunning = false;
  }

  async #commitNext(group: readonly WaitingWrite[]): Promise<void> {
    let settle: (() => void)[];
    try {
      settle = await runAlone(this.#connection, () => this.#commit(group));
    } catch (error) {
      if (group.length > 1) for (const each of group) await this.#commitNext([each]);
      else group[0]!.reject(error);
      return;
    }
    try {
      await this.#sync();
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const each of settle) each();
  }

  /**
   * Commits without waiting for the disk, which would keep this thread from everything else.
   * @returns what is to be told to each writer
   * @throws when nothing of the group is written
   */
  #commit(group: readonly WaitingWrite[]): (() => void)[] {
    return this.#connection.statements.transactWithoutSync(() =>
      group.length === 1 ? [this.#written(group[0]!)] : group.map((one) => this.#tried(one)),
    );
  }

  #written({ write, resolve }: WaitingWrite): () => void {
    const result = write();
    return () => resolve(result);
  }

  /** Takes a row back that fails, by itself. */
  #tried(waiting: WaitingWrite): () => void {
    this.#do('savepoint one_row');
    try {
      const settle = this.#written(waiting);
      this.#do('release one_row');
      return settle;
    } catch (error) {
      // On a full disk SQLite rolls the whole group back by itself.
      if (!this.#connection.statements.inTransaction) throw error;
      this.#do('rollback to one_row');
      this.#do('release one_row');
      return () => waiting.reject(error);
    }
  }

  #do(sql: string): void {
    this.#connection.statements.prepare(sql).run([]);
  }
}

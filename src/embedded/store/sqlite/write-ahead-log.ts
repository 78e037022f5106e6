import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'libsql';
import { syncBytes, syncFolder } from '../../durable.js';

/** The file beside a database that its commits are written to, made durable by another thread than the one that commits. */
export class WriteAheadLog {
  readonly #path: string;
  readonly #connection: Database.Database;
  #fd: number | undefined;
  /** Whether a sync has failed: the system may take for written what it could not write. */
  #isDoubtful = false;

  /** @param connection which keeps the file in its place until it is closed */
  constructor(path: string, connection: Database.Database) {
    this.#path = path;
    this.#connection = connection;
  }

  /** Makes all that was committed before durable. */
  async sync(): Promise<void> {
    if (this.#isDoubtful) return this.#writeAnew();
    try {
      this.#fd ??= await this.#open();
      await syncBytes(this.#fd);
    } catch {
      this.#isDoubtful = true;
      this.#writeAnew();
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** SQLite makes the file with the first commit, and its name durable with the first sync of its own, which may be far. */
  async #open(): Promise<number> {
    await syncFolder(dirname(this.#path));
    return openSync(`${this.#path}-wal`, 'r+');
  }

  /** Writes what the log holds into the database itself, and empties the log. */
  #writeAnew(): void {
    const [{ busy }] = this.#connection.pragma('wal_checkpoint(truncate)') as [{ busy: number }];
    if (busy) throw new Error('What was committed could not be made durable.');
    this.#isDoubtful = false;
  }
}

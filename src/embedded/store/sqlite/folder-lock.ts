import { join } from 'node:path';
import Database from 'libsql';

/** Thrown when another process has the data folder. */
export class FolderInUseError extends Error {
  constructor(folder: string) {
    super(`The data folder ${folder} is in use by another lookalike process.`);
    this.name = 'FolderInUseError';
  }
}

/**
 * Makes this process the only writer of a data folder, until it releases the lock or ends, however it ends: the lock is
 * a transaction on a file of its own, which the system frees with the process.
 */
export function lockFolder(folder: string): { release(): void } {
  const lock = new Database(join(folder, 'lock.db'));
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    throw isBusy(error) ? new FolderInUseError(folder) : error;
  }
  return { release: () => lock.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

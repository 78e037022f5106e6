import { join } from 'node:path';
import Database from 'libsql';

/** A lock that this process holds until it releases it or ends, however it ends. */
export interface FileLock {
  release(): void;
}

/** Thrown when another process has the data folder. */
export class FolderInUseError extends Error {
  constructor(folder: string) {
    super(`The data folder ${folder} is in use by another lookalike process.`);
    this.name = 'FolderInUseError';
  }
}

/**
 * Makes this process the only writer of a data folder.
 * @throws FolderInUseError
 */
export function lockFolder(folder: string): FileLock {
  const lock = lockFile(join(folder, 'lock.db'));
  if (!lock) throw new FolderInUseError(folder);
  return lock;
}

/**
 * Locks a file, which is made where there is none: the lock is a transaction on it as a database, which the system ends
 * with the process. Null when another one has it.
 */
export function lockFile(path: string): FileLock | null {
  const lock = new Database(path);
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return { release: () => void lock.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

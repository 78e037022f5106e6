import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config.js';
import { FolderInUseError, lockFolder } from '../embedded/store/folder-lock.js';

/**
 * @returns the path of the folder's database
 * @throws ConfigError when there is none
 */
export function requireDatabase(dataDir: string): string {
  const path = join(dataDir, 'lookalike.db');
  if (!existsSync(path)) throw new ConfigError(`LOOKALIKE_DATA_DIR ${dataDir} has no database.`);
  return path;
}

/**
 * Makes this process the only writer of a data folder.
 * @throws ConfigError when another one is
 */
export function takeFolder(dataDir: string): { release(): void } {
  try {
    return lockFolder(dataDir);
  } catch (error) {
    throw error instanceof FolderInUseError ? new ConfigError(`LOOKALIKE_DATA_DIR: ${error.message}`) : error;
  }
}

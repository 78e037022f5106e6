import { existsSync } from 'node:fs';
import { ConfigError } from '../config.js';
import { type FileLock, FolderInUseError, lockFolder } from '../embedded/folder-lock.js';
import { addressOf, type Storage } from '../embedded/open-storage.js';
import { type OpenStore, openStore, type StoreAddress } from '../embedded/store/open-store.js';
import { isDamaged } from '../embedded/store/sqlite/audit.js';
import { TablesVersionError } from '../embedded/store/tables-version-error.js';

/**
 * @returns the folder's database
 * @throws ConfigError when there is none
 */
export function requireDatabase(storage: Storage): StoreAddress {
  const address = addressOf(storage);
  if (!existsSync(address.path))
    throw new ConfigError(
      `LOOKALIKE_DATA_DIR ${storage.dataDir} has no database: the first start of a gateway makes it.`,
    );
  return address;
}

/**
 * Makes this process the only writer of a data folder.
 * @throws ConfigError when another one is
 */
export function takeFolder({ dataDir }: Storage): FileLock {
  try {
    return lockFolder(dataDir);
  } catch (error) {
    throw folderFault(error);
  }
}

/**
 * Opens the folder's database for writing.
 * @throws ConfigError when it is damaged or its tables are newer
 */
export async function openDatabase(address: StoreAddress): Promise<OpenStore> {
  try {
    return await openStore(address);
  } catch (error) {
    throw folderFault(error);
  }
}

/** Turns an error of the folder itself into a ConfigError with one line; any other error stays as it is. */
export function folderFault(error: unknown): unknown {
  if (error instanceof FolderInUseError || error instanceof TablesVersionError)
    return new ConfigError(`LOOKALIKE_DATA_DIR: ${error.message}`);
  if (isDamaged(error))
    return new ConfigError('LOOKALIKE_DATA_DIR: lookalike.db is damaged: restore it from a backup.');
  return error;
}

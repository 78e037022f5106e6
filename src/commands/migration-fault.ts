import { type Config, ConfigError } from '../config.js';
import { FolderInUseError } from '../embedded/folder-lock.js';
import { MigrationError } from '../embedded/migrate/migration-error.js';
import { TablesVersionError } from '../embedded/store/tables-version-error.js';
import { StorageError } from '../services/storage-error.js';
import { storageFault } from './storage.js';

/**
 * Turns what a person can see to into a ConfigError of one line; any other error stays as it is.
 * @param config the settings of what is copied; null for errors of the target, which options name
 */
export function migrationFault(error: unknown, config: Config | null): unknown {
  if (error instanceof ConfigError) return error;
  if (error instanceof MigrationError) return new ConfigError(error.message);
  if (error instanceof StorageError)
    return new ConfigError(`${error.message} Run it once more when it is back: it goes on where it was.`);
  const names = config ? SETTINGS : OPTIONS;
  if (error instanceof FolderInUseError || error instanceof TablesVersionError)
    return new ConfigError(named(error.message, names));
  const fault = storageFault(error, config ?? NO_CONFIG);
  return fault instanceof ConfigError ? new ConfigError(named(fault.message, names)) : error;
}

interface Names {
  folder: string;
  database: string;
  blobs: string;
}
const SETTINGS: Names = { folder: 'LOOKALIKE_DATA_DIR', database: 'DATABASE_URL', blobs: 'BLOBS_URL' };
const OPTIONS: Names = { folder: '--to', database: '--to', blobs: '--blobs' };
const NO_CONFIG = { dataDir: '', databaseUrl: undefined, blobsUrl: undefined };

/** The message with the name of what it is about in front, where it names nothing yet. */
function named(message: string, { folder, database, blobs }: Names): string {
  const text = message
    .replaceAll('DATABASE_URL', database)
    .replaceAll('BLOBS_URL', blobs)
    .replaceAll('LOOKALIKE_DATA_DIR', folder);
  return text.includes(folder) || text.includes(database) || text.includes(blobs)
    ? text
    : `${folder}: ${text}`;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { storageOf } from '../config/storage.js';
import { type Config, ConfigError } from '../config.js';
import { parseS3Address } from '../embedded/blobs/s3/address.js';
import { S3SettingError } from '../embedded/blobs/s3/setting-error.js';
import { FolderInUseError } from '../embedded/folder-lock.js';
import {
  type OpenStorage,
  openStorage,
  openStorageReader,
  type Storage,
  type StorageOptions,
} from '../embedded/open-storage.js';
import { openScratch } from '../embedded/scratch.js';
import { folderDatabase, openStore } from '../embedded/store/open-store.js';
import { DatabaseUrlError, parsePostgresUrl } from '../embedded/store/postgres/address.js';
import { UnusableDatabaseError } from '../embedded/store/postgres/errors.js';
import { isDamaged } from '../embedded/store/sqlite/audit.js';
import type { Store } from '../embedded/store/store.js';
import { TablesVersionError } from '../embedded/store/tables-version-error.js';
import { UnfinishedImportError } from '../embedded/store/transfer.js';
import { StorageError } from '../services/storage-error.js';

/** Runs work on a storage that this process writes; of a folder it is the only one. */
export function withStorage<T>(config: Config, work: (storage: OpenStorage) => Promise<T>): Promise<T> {
  return withOpen(config, openStorage, work);
}

/** Runs work on a storage that gateways may write meanwhile, and that the work only reads. */
export function withStorageReader<T>(
  config: Config,
  work: (storage: Pick<OpenStorage, 'store' | 'blobs'>) => Promise<T>,
): Promise<T> {
  return withOpen(config, openStorageReader, work);
}

async function withOpen<Opened extends { close(): Promise<void> }, T>(
  config: Config,
  open: (storage: Storage, options: StorageOptions) => Promise<Opened>,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const storage = requireStorage(config);
  const scratch = storage.kind === 'SHARED' ? await openScratch(join(config.dataDir, 'incoming')) : null;
  try {
    const opened = await open(storage, { scratchDir: scratch?.folder });
    try {
      return await work(opened);
    } finally {
      await opened.close();
    }
  } catch (error) {
    throw commandFault(error, config);
  } finally {
    await scratch?.close();
  }
}

/** Runs work on the rows alone, beside a gateway that may run. */
export async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const storage = requireStorage(config);
  try {
    const { store, close } = await openStore(
      storage.kind === 'FOLDER'
        ? folderDatabase(storage.dataDir)
        : { kind: 'POSTGRES', url: storage.databaseUrl },
    );
    try {
      return await work(store);
    } finally {
      await close();
    }
  } catch (error) {
    throw commandFault(error, config);
  }
}

/** @throws ConfigError for a folder without a database */
function requireStorage(config: Config): Storage {
  const storage = storageOf(config);
  if (storage.kind === 'FOLDER') requireFolder(storage.dataDir);
  return storage;
}

/** @throws ConfigError for a folder without a database */
export function requireFolder(dataDir: string): void {
  if (!existsSync(folderDatabase(dataDir).path))
    throw new ConfigError(
      `LOOKALIKE_DATA_DIR ${dataDir} has no database: the first start of a gateway makes it.`,
    );
}

/**
 * Reads DATABASE_URL and BLOBS_URL, and asks nothing of either.
 * @throws ConfigError for one that cannot be used
 */
export function requireAddresses(config: Pick<Config, 'dataDir' | 'databaseUrl' | 'blobsUrl'>): void {
  const { databaseUrl, blobsUrl } = config;
  try {
    if (databaseUrl) parsePostgresUrl(databaseUrl);
    if (blobsUrl) parseS3Address(blobsUrl, process.env);
  } catch (error) {
    throw storageFault(error, config);
  }
}

/** Turns an error of the storage itself into a ConfigError with one line; any other error stays as it is. */
export function storageFault(
  error: unknown,
  config: Pick<Config, 'dataDir' | 'databaseUrl' | 'blobsUrl'>,
): unknown {
  if (
    error instanceof DatabaseUrlError ||
    error instanceof UnusableDatabaseError ||
    error instanceof S3SettingError
  )
    return new ConfigError(error.message);
  if (error instanceof FolderInUseError) return new ConfigError(`LOOKALIKE_DATA_DIR: ${error.message}`);
  if (error instanceof UnfinishedImportError) {
    const setting = storageOf(config).kind === 'FOLDER' ? 'LOOKALIKE_DATA_DIR' : 'DATABASE_URL';
    return new ConfigError(`${setting}: ${error.message}`);
  }
  if (error instanceof TablesVersionError)
    return new ConfigError(
      storageOf(config).kind === 'FOLDER' ? `LOOKALIKE_DATA_DIR: ${error.message}` : error.message,
    );
  if (isDamaged(error))
    return new ConfigError('LOOKALIKE_DATA_DIR: lookalike.db is damaged: restore it from a backup.');
  return error;
}

/** The same of what fails while a command is at work. */
function commandFault(error: unknown, config: Config): unknown {
  return error instanceof StorageError ? new ConfigError(error.message) : storageFault(error, config);
}

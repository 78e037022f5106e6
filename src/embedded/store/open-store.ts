import { join } from 'node:path';
import type { EntryCounts } from './counts.js';
import type { DecisionRows } from './decisions.js';
import type { LookRows } from './looks.js';
import type { DatabaseFigures } from './postgres/figures.js';
import type { OnDatabaseOutage } from './postgres/outage.js';
import type { PoolFigures } from './postgres/pool.js';
import type { HashIndex, HashRows, ImageRows } from './rows.js';
import type { OnSql } from './sql-report.js';
import { countEntries, listClients } from './sqlite/counts.js';
import { SqliteDecisionRows } from './sqlite/decision-rows.js';
import { SqliteHashIndex } from './sqlite/hash-index.js';
import { SqliteHashRows } from './sqlite/hash-rows.js';
import { SqliteImageRows } from './sqlite/image-rows.js';
import { SqliteLookRows } from './sqlite/look-rows.js';
import { openSqliteReader, openSqliteStore } from './sqlite/open.js';
import { openReadOnly } from './sqlite/read-only.js';
import { searchUrls } from './sqlite/url-search.js';
import type { Store } from './store.js';
import { UnfinishedImportError } from './transfer.js';
import type { UrlSearch } from './url-search.js';

/** Where a database is. It can be handed to a thread; a URL in it may hold a password. */
export type StoreAddress = { kind: 'SQLITE'; path: string } | { kind: 'POSTGRES'; url: string };

export interface StoreOptions {
  onSql?: OnSql | undefined;
  /** Told when a database that processes share cannot be used, once, and when it can be again. */
  onDatabaseOutage?: OnDatabaseOutage | undefined;
  /**
   * Takes the errors of work in the background.
   * @default they are dropped; the work is tried again later
   */
  onError?: ((error: unknown) => void) | undefined;
  /**
   * Whether rows are to be copied to it: nothing else opens it until they all are.
   * @default false
   */
  importing?: boolean | undefined;
}

/** Figures of a database that several processes share. */
export interface StoreFigures {
  pool(): PoolFigures;
  /** @throws StorageError */
  database(): Promise<DatabaseFigures>;
}

/** A database that is open. */
export interface OpenStore {
  store: Store;
  hashIndex: HashIndex;
  /** Absent where the search reads so much that it belongs into a thread: see openEntryRows. */
  urlSearch?: UrlSearch;
  /** The same of counts. */
  counts?: EntryCounts;
  /** How the connections and the database are; null for a file. */
  figures: StoreFigures | null;
  close(): Promise<void>;
}

/** The rows of entries as a thread reads them. */
export interface EntryRows {
  hashes: HashRows;
  urlSearch: UrlSearch;
  counts: EntryCounts;
  close(): void | Promise<void>;
}

/** The rows as the thread that groups entries reads them. */
export interface DuplicateRows {
  hashes: HashRows;
  looks: LookRows;
  decisions: DecisionRows;
  close(): void | Promise<void>;
}

/** The rows of images as a thread reads them. */
export interface OpenImageRows {
  images: ImageRows;
  close(): void | Promise<void>;
}

/** The database in a data folder. */
export function folderDatabase(dataDir: string): Extract<StoreAddress, { kind: 'SQLITE' }> {
  return { kind: 'SQLITE', path: join(dataDir, 'lookalike.db') };
}

/**
 * Opens the database for reading and writing, and brings its tables up to date.
 * @throws TablesVersionError when they are newer, or when an import has not finished
 */
export async function openStore(address: StoreAddress, options: StoreOptions = {}): Promise<OpenStore> {
  const opened = await openTables(address, options);
  return options.importing ? opened : refuseUnfinishedImport(opened);
}

async function openTables(address: StoreAddress, { onSql, ...options }: StoreOptions): Promise<OpenStore> {
  if (address.kind === 'POSTGRES') {
    const { openPostgresStore } = await loadPostgres();
    const opened = await openPostgresStore(address.url, { onSql, ...options });
    return { ...opened, figures: { pool: opened.poolFigures, database: opened.readFigures } };
  }
  const { store, connection, close } = await openSqliteStore(address.path, onSql);
  return { store, hashIndex: new SqliteHashIndex(connection, onSql), figures: null, close };
}

/**
 * Opens the database for reading only, while others may write.
 * @throws TablesVersionError when its tables are newer or older, or when an import has not finished
 */
export async function openStoreReader(
  address: StoreAddress,
  { importing = false }: Pick<StoreOptions, 'importing'> = {},
): Promise<Pick<OpenStore, 'store' | 'close'>> {
  const opened =
    address.kind === 'POSTGRES'
      ? await (await loadPostgres()).openPostgresReader(address.url)
      : await openSqliteReader(address.path);
  return importing ? opened : refuseUnfinishedImport(opened);
}

async function refuseUnfinishedImport<Opened extends Pick<OpenStore, 'store' | 'close'>>(
  opened: Opened,
): Promise<Opened> {
  try {
    const state = await opened.store.transfer.importState();
    if (state?.finished === false) throw new UnfinishedImportError();
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** For a thread that scans entries. */
export async function openEntryRows(address: StoreAddress): Promise<EntryRows> {
  if (address.kind === 'POSTGRES') return (await loadPostgres()).openPostgresEntryRows(address.url);
  const database = openReadOnly(address.path);
  return {
    hashes: new SqliteHashRows(database),
    urlSearch: { searchUrls: searchUrls.bind(null, database) },
    counts: {
      countEntries: countEntries.bind(null, database),
      listClients: async (bucket, query) => listClients(database, bucket, query),
    },
    close: () => void database.close(),
  };
}

/**
 * For a thread that groups entries.
 * @param version images with descriptors of another one do not count
 */
export async function openDuplicateRows(address: StoreAddress, version: number): Promise<DuplicateRows> {
  if (address.kind === 'POSTGRES')
    return (await loadPostgres()).openPostgresDuplicateRows(address.url, version);
  const database = openReadOnly(address.path);
  return {
    hashes: new SqliteHashRows(database),
    looks: new SqliteLookRows(database, version),
    decisions: new SqliteDecisionRows(database),
    close: () => void database.close(),
  };
}

/**
 * For a thread that searches images.
 * @param version rows with descriptors of another one do not count as added
 */
export async function openImageRows(address: StoreAddress, version: number): Promise<OpenImageRows> {
  if (address.kind === 'POSTGRES') return (await loadPostgres()).openPostgresImageRows(address.url, version);
  const images = new SqliteImageRows(openReadOnly(address.path), version);
  return { images, close: () => images.close() };
}

/** Only for those who use it: a start on files is quicker without. */
function loadPostgres() {
  return import('./postgres/open.js');
}

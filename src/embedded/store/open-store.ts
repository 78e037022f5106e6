import {
  openPostgresEntryRows,
  openPostgresImageRows,
  openPostgresReader,
  openPostgresStore,
} from './postgres/open.js';
import type { HashIndex, HashRows, ImageRows } from './rows.js';
import type { OnSql } from './sql-report.js';
import { SqliteHashIndex } from './sqlite/hash-index.js';
import { SqliteHashRows } from './sqlite/hash-rows.js';
import { SqliteImageRows } from './sqlite/image-rows.js';
import { openSqliteReader, openSqliteStore } from './sqlite/open.js';
import { openReadOnly } from './sqlite/read-only.js';
import { searchUrls } from './sqlite/url-search.js';
import type { Store } from './store.js';
import type { UrlSearch } from './url-search.js';

/** Where a database is. It can be handed to a thread; a URL in it may hold a password. */
export type StoreAddress = { kind: 'SQLITE'; path: string } | { kind: 'POSTGRES'; url: string };

/** A database that is open. */
export interface OpenStore {
  store: Store;
  hashIndex: HashIndex;
  /** Absent where the search reads so much that it belongs into a thread: see openEntryRows. */
  urlSearch?: UrlSearch;
  close(): Promise<void>;
}

/** The rows of entries as a thread reads them. */
export interface EntryRows {
  hashes: HashRows;
  urlSearch: UrlSearch;
  close(): void | Promise<void>;
}

/** The rows of images as a thread reads them. */
export interface OpenImageRows {
  images: ImageRows;
  close(): void | Promise<void>;
}

/**
 * Opens the database for reading and writing, and brings its tables up to date.
 * @throws TablesVersionError when they are newer
 */
export async function openStore(address: StoreAddress, onSql?: OnSql): Promise<OpenStore> {
  if (address.kind === 'POSTGRES') return openPostgresStore(address.url, { onSql });
  const { store, connection, close } = await openSqliteStore(address.path, onSql);
  return { store, hashIndex: new SqliteHashIndex(connection, onSql), close };
}

/**
 * Opens the database for reading only, while others may write.
 * @throws TablesVersionError when its tables are newer or older
 */
export function openStoreReader(address: StoreAddress): Promise<Pick<OpenStore, 'store' | 'close'>> {
  if (address.kind === 'POSTGRES') return openPostgresReader(address.url);
  return openSqliteReader(address.path);
}

/** For a thread that scans entries. */
export async function openEntryRows(address: StoreAddress): Promise<EntryRows> {
  if (address.kind === 'POSTGRES') return openPostgresEntryRows(address.url);
  const database = openReadOnly(address.path);
  return {
    hashes: new SqliteHashRows(database),
    urlSearch: { searchUrls: (query, signal) => searchUrls(database, query, signal) },
    close: () => void database.close(),
  };
}

/**
 * For a thread that searches images.
 * @param version rows with descriptors of another one do not count as added
 */
export async function openImageRows(address: StoreAddress, version: number): Promise<OpenImageRows> {
  if (address.kind === 'POSTGRES') return openPostgresImageRows(address.url, version);
  const images = new SqliteImageRows(openReadOnly(address.path), version);
  return { images, close: () => images.close() };
}

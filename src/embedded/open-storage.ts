import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs } from './blobs/blobs.js';
import { FileBlobs } from './blobs/file-blobs.js';
import { lockFolder } from './folder-lock.js';
import { syncFolder } from './staging.js';
import { type OpenStore, openStore, type StoreAddress } from './store/open-store.js';
import type { OnSql } from './store/sql-report.js';

/** Where rows and bytes are kept. */
export type Storage = { kind: 'FOLDER'; dataDir: string };

/** A storage that is open. */
export interface OpenStorage extends OpenStore {
  /** For threads, which open the rows that they read by themselves. */
  address: StoreAddress;
  blobs: Blobs;
}

/**
 * Opens rows and bytes for reading and writing; what is not there is made.
 * @throws FolderInUseError when another process has the folder
 */
export async function openStorage(storage: Storage, onSql?: OnSql): Promise<OpenStorage> {
  const { dataDir } = storage;
  // The database holds secrets, and the pictures of a collection are private.
  await mkdir(join(dataDir, 'blobs'), { recursive: true, mode: 0o700 });
  const lock = lockFolder(dataDir);
  try {
    await syncFolder(dataDir);
    const address = addressOf(storage);
    const opened = await openStore(address, onSql);
    const close = async () => {
      await opened.close();
      lock.release();
    };
    return { ...opened, address, blobs: openBlobs(storage), close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Where the database is. */
export function addressOf({ dataDir }: Storage): Extract<StoreAddress, { kind: 'SQLITE' }> {
  return { kind: 'SQLITE', path: join(dataDir, 'lookalike.db') };
}

export function openBlobs({ dataDir }: Storage): Blobs {
  return new FileBlobs(join(dataDir, 'blobs'));
}

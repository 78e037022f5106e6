import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tracer } from '@opentelemetry/api';
import type { ServiceStatus } from '../calls/guarded-calls.js';
import type { Blobs } from './blobs/blobs.js';
import { FileBlobs } from './blobs/file-blobs.js';
import type { OpenBlobs } from './blobs/s3/open.js';
import type { OnObjectCall } from './blobs/s3/transport.js';
import { syncFolder } from './durable.js';
import { lockFolder } from './folder-lock.js';
import {
  folderDatabase,
  type OpenStore,
  openStore,
  openStoreReader,
  type StoreAddress,
  type StoreOptions,
} from './store/open-store.js';

/** Where rows and bytes are kept: in a folder, by one process, or in PostgreSQL and S3, by any number of them. */
export type Storage =
  | { kind: 'FOLDER'; dataDir: string }
  | {
      kind: 'SHARED';
      /** DATABASE_URL. */
      databaseUrl: string;
      /** BLOBS_URL. */
      blobsUrl: string;
      /** For the `AWS_…` variables. */
      env: NodeJS.ProcessEnv;
    };

export interface StorageOptions extends StoreOptions {
  /**
   * A folder of this process, for copies of objects.
   * @default the folder of the system for temporary files
   */
  scratchDir?: string | undefined;
  /** Told of each call to the object store at its end. */
  onObjectCall?: OnObjectCall | undefined;
  /** Told when the object store is left alone because call after call failed, and when it responds again. */
  onObjectBreaker?: ((state: 'OPEN' | 'CLOSED') => void) | undefined;
  tracer?: Tracer | undefined;
}

/** A storage that is open. */
export interface OpenStorage extends OpenStore {
  /** For threads, which open the rows that they read by themselves. */
  address: StoreAddress;
  blobs: Blobs;
  /** The state of the calls to the object store; null for files. */
  objectStatus: (() => ServiceStatus) | null;
}

/**
 * Opens rows and bytes for reading and writing; what is not there is made.
 * @throws FolderInUseError when another process has the folder; errors of one line that name DATABASE_URL or BLOBS_URL
 * when these cannot be used
 */
export function openStorage(storage: Storage, options: StorageOptions): Promise<OpenStorage> {
  return storage.kind === 'FOLDER' ? openFolder(storage.dataDir, options) : openShared(storage, options);
}

async function openFolder(dataDir: string, { onSql, importing }: StorageOptions): Promise<OpenStorage> {
  const blobsFolder = join(dataDir, 'blobs');
  // The database holds secrets, and the pictures of a collection are private.
  await mkdir(blobsFolder, { recursive: true, mode: 0o700 });
  const lock = lockFolder(dataDir);
  try {
    await syncFolder(dataDir);
    const address = folderDatabase(dataDir);
    const opened = await openStore(address, { onSql, importing });
    const close = async () => {
      await opened.close();
      lock.release();
    };
    return { ...opened, address, blobs: new FileBlobs(blobsFolder), objectStatus: null, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openShared(
  storage: Extract<Storage, { kind: 'SHARED' }>,
  options: StorageOptions,
): Promise<OpenStorage> {
  const bytes = await openObjects(storage, options);
  try {
    await bytes.blobs.probe();
    const address: StoreAddress = { kind: 'POSTGRES', url: storage.databaseUrl };
    const opened = await openStore(address, options);
    const close = async () => {
      await opened.close();
      await bytes.close();
    };
    return { ...opened, address, blobs: bytes.blobs, objectStatus: bytes.status, close };
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/**
 * Opens rows for reading only, beside the gateways that work with them, and the bytes.
 * @throws TablesVersionError when the tables are newer or older
 */
export async function openStorageReader(
  storage: Storage,
  options: StorageOptions,
): Promise<Pick<OpenStorage, 'store' | 'blobs' | 'close'>> {
  if (storage.kind === 'FOLDER') {
    const opened = await openStoreReader(folderDatabase(storage.dataDir), options);
    return { ...opened, blobs: new FileBlobs(join(storage.dataDir, 'blobs')) };
  }
  const bytes = await openObjects(storage, options);
  try {
    await bytes.blobs.probe();
    const opened = await openStoreReader({ kind: 'POSTGRES', url: storage.databaseUrl }, options);
    const close = async () => {
      await opened.close();
      await bytes.close();
    };
    return { store: opened.store, blobs: bytes.blobs, close };
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/** The objects alone. Nothing is asked of them yet. */
export async function openObjects(
  { blobsUrl, env }: Extract<Storage, { kind: 'SHARED' }>,
  { scratchDir = tmpdir(), onObjectCall, onObjectBreaker, tracer }: StorageOptions,
): Promise<OpenBlobs> {
  // Only for those who use it: a start on files is quicker without.
  const { openS3Blobs } = await import('./blobs/s3/open.js');
  return openS3Blobs({
    url: blobsUrl,
    env,
    scratchDir,
    ...(onObjectCall && { onCall: onObjectCall }),
    ...(onObjectBreaker && { onBreaker: onObjectBreaker }),
    ...(tracer && { tracer }),
  });
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImgCache } from '../services/imgcache/api.js';
import { FileBlobs } from './blobs/file-blobs.js';
import { startSweeper } from './blobs/sweeper.js';
import { EmbeddedImgCache } from './imgcache.js';
import { KeyedLock } from './keyed-lock.js';
import { SimilarHashes } from './search/similar-hashes.js';
import { ReaderThread } from './store/reader-thread.js';
import { openSqliteStore } from './store/sqlite.js';
import { SqliteProbes } from './store/sqlite-probes.js';

export interface EngineOptions {
  /** Locked by this process. */
  dataDir: string;
  /** Takes what goes wrong in the background. */
  onError(error: unknown): void;
}

/** The embedded services on one data folder. */
export interface Engine {
  imgcache: ImgCache;
  close(): Promise<void>;
}

export async function openEngine({ dataDir, onError }: EngineOptions): Promise<Engine> {
  const databasePath = join(dataDir, 'lookalike.db');
  const blobsFolder = join(dataDir, 'blobs');
  await mkdir(blobsFolder, { recursive: true });
  const { store, connection, close: closeStore } = await openSqliteStore(databasePath);
  const blobs = new FileBlobs(blobsFolder);
  const locks = new KeyedLock();
  const reader = new ReaderThread(databasePath);
  const hashes = new SimilarHashes(new SqliteProbes(connection), reader);
  const sweeper = startSweeper({ store, blobs, locks, onError });
  return {
    imgcache: new EmbeddedImgCache({ store, blobs, locks, reader, hashes }),
    async close() {
      await sweeper.stop();
      await reader.close();
      await closeStore();
    },
  };
}

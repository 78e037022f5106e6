import type { ImgCache } from '../services/imgcache.js';
import type { CollectionKeys, CreatedCollection, VisualSnoop } from '../services/visualsnoop.js';
import { startSweeper, sweepInterruptedWrites } from './blobs/sweeper.js';
import { EmbeddedImgCache } from './imgcache.js';
import { KeyedLock } from './keyed-lock.js';
import { createDefaultCollection } from './new-collection.js';
import { type OpenStorage, openStorage, type Storage } from './open-storage.js';
import { type PictureDescriber, startReindexing } from './reindex.js';
import { ReaderThread } from './search/reader-thread.js';
import { SimilarHashes } from './search/similar-hashes.js';
import { VisualSearchThread } from './search/visual-search-thread.js';
import type { OnSql } from './store/sql-report.js';
import { EmbeddedVisualSnoop } from './visualsnoop.js';

export interface EngineOptions {
  /** No other process may write to a folder meanwhile. */
  storage: Storage;
  /** Makes descriptors of other versions anew in the background; without it they stay as they are. */
  pictures?: PictureDescriber;
  /** Takes the errors of work in the background. */
  onError(error: unknown): void;
  /**
   * Takes notices of work in the background.
   * @default none
   */
  onNotice?(notice: string): void;
  onSql?: OnSql;
}

/** The embedded services on one storage. */
export interface Engine {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  collectionKeys: CollectionKeys;
  /** The collection made at the first start, with its keys; null at every other start. */
  defaultCollection: CreatedCollection | null;
  /** The progress of images that have to be described anew; null when there are none. */
  reindexing(): { done: number; total: number } | null;
  close(): Promise<void>;
}

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const opened = await openStorage(options.storage, options.onSql);
  try {
    return await startEngine(opened, options);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function startEngine(
  { store, blobs, address, hashIndex, urlSearch, close }: OpenStorage,
  { pictures, onError, onNotice = () => {}, onSql }: EngineOptions,
): Promise<Engine> {
  const locks = new KeyedLock();
  const defaultCollection = await createDefaultCollection(store);
  await sweepInterruptedWrites({ store, blobs, locks });
  const reader = new ReaderThread(address, onSql);
  const visualSearch = new VisualSearchThread(address, onSql);
  const hashes = new SimilarHashes(hashIndex, reader);
  const sweeper = startSweeper({ store, blobs, locks, onError });
  const reindexing = pictures && startReindexing({ store, blobs, pictures, onError }, onNotice);
  return {
    imgcache: new EmbeddedImgCache({ store, blobs, locks, urlSearch: urlSearch ?? reader, hashes }),
    visualsnoop: new EmbeddedVisualSnoop({ store, blobs, locks, visualSearch }),
    collectionKeys: { find: (publicKey) => store.collections.findKey(publicKey) },
    defaultCollection,
    reindexing: () => reindexing?.progress() ?? null,
    async close() {
      await reindexing?.stop();
      await sweeper.stop();
      await reader.close();
      await visualSearch.close();
      await close();
    },
  };
}

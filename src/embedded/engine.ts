import type { Duplicates } from '../services/duplicates.js';
import type { ImgCache } from '../services/imgcache.js';
import { StorageError } from '../services/storage-error.js';
import type { CollectionKeys, CreatedCollection, VisualSnoop } from '../services/visualsnoop.js';
import { startBlake3Fill } from './blake3-fill.js';
import { startSweeper, sweepInterruptedWrites } from './blobs/sweeper.js';
import { CompareReport, createComparing } from './duplicates/comparing.js';
import { EmbeddedDuplicates } from './duplicates/duplicates.js';
import { createDuplicatesThread } from './duplicates/duplicates-thread.js';
import { startEmptier } from './emptier.js';
import { EmbeddedImgCache } from './imgcache.js';
import { KeyedLock } from './keyed-lock.js';
import { createDefaultCollection } from './new-collection.js';
import { type OpenStorage, openStorage, type Storage, type StorageOptions } from './open-storage.js';
import { withOwnFailures } from './own-failures.js';
import { startReindexing } from './reindex.js';
import { ReaderThread } from './search/reader-thread.js';
import { SimilarHashes } from './search/similar-hashes.js';
import { VisualSearchThread } from './search/visual-search-thread.js';
import type { PictureReader } from './staging.js';
import { type PictureFiles, storedFiles } from './thumbnails/picture-files.js';
import { EmbeddedVisualSnoop } from './visualsnoop.js';

export interface EngineOptions extends StorageOptions {
  /** No other process may write to a folder meanwhile. */
  storage: Storage;
  /**
   * Describes pictures that are stored already: those with descriptors of other versions, in the background, and those that
   * are added to a collection. Without it the former stay as they are, and the latter have to be sent.
   */
  pictures?: PictureReader;
  /** Told of the content hash of bytes that are gone, as nothing needs them any more. */
  onSwept?: ((contentHash: string) => void) | undefined;
  /** Takes the errors of work in the background. */
  onError(error: unknown): void;
  /**
   * Takes notices of work in the background.
   * @default none
   */
  onNotice?(notice: string): void;
}

/** The embedded services on one storage. */
export interface Engine {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  collectionKeys: CollectionKeys;
  duplicates: Duplicates;
  /** The bytes of both services. */
  pictureFiles: PictureFiles;
  /** What the signatures of links are made with, beside what is configured. */
  linkSecret: Buffer;
  /** The collection made at the first start, with its keys; null at every other start. */
  defaultCollection: CreatedCollection | null;
  /** The state of the storage that the services keep rows and bytes in. */
  storage: Pick<OpenStorage, 'figures' | 'objectStatus'>;
  /** The progress of images that have to be described anew; null when there are none. */
  reindexing(): { done: number; total: number } | null;
  /** How many collections are searched without keypoints, as these need too much memory. */
  collectionsWithoutKeypoints(): number;
  /** The progress of comparing entries in search of duplicates; null when all are compared. */
  comparing(): { done: number; total: number } | null;
  /** How many hashes have been read while searches wait for all of them; null when none do. */
  hashesRead(): number | null;
  close(): Promise<void>;
}

export async function openEngine({ storage, ...others }: EngineOptions): Promise<Engine> {
  const options = { ...others, onError: (error: unknown) => tellOfBackground(error, others) };
  const opened = await openStorage(storage, options);
  try {
    const engine = await startEngine(opened, options);
    return storage.kind === 'FOLDER' ? engine : { ...engine, ...withOwnFailures(engine) };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** An outage is nothing unexpected: what was left undone is done later. */
function tellOfBackground(error: unknown, { onError, onNotice }: Omit<EngineOptions, 'storage'>): void {
  if (error instanceof StorageError) onNotice?.(`Work in the background waits: ${error.message}`);
  else onError(error);
}

async function startEngine(
  opened: OpenStorage,
  { pictures, onSwept, onError, onNotice = () => {}, onSql }: Omit<EngineOptions, 'storage'>,
): Promise<Engine> {
  const { store, blobs, address } = opened;
  const locks = new KeyedLock();
  const defaultCollection = await createDefaultCollection(store);
  const linkSecret = await store.secrets.findOrMake('links');
  await sweepInterruptedWrites({ store, blobs, locks, onSwept });
  const reader = new ReaderThread(address, { onSql, onNotice });
  const visualSearch = new VisualSearchThread(address, { onSql, onNotice });
  const hashes = new SimilarHashes(opened.hashIndex, reader);
  const compared = new CompareReport(onNotice);
  const duplicates = createDuplicatesThread(address, (progress) => compared.note(progress));
  const comparing = createComparing({
    // A question may have compared the last ones, of which the thread tells at the end alone.
    compareAll: async (signal) => compared.note(await duplicates.call({ name: 'compareAll' }, signal)),
    onError,
  });
  const sweeper = startSweeper({ store, blobs, locks, onSwept, onError });
  const emptier = startEmptier({ store, onError });
  const reindexing = pictures && startReindexing({ store, blobs, pictures, onError }, onNotice);
  const filling = startBlake3Fill({ store, blobs, onError }, onNotice);
  return {
    imgcache: new EmbeddedImgCache({
      store,
      blobs,
      locks,
      urlSearch: opened.urlSearch ?? reader,
      counts: opened.counts ?? reader,
      hashes,
    }),
    visualsnoop: new EmbeddedVisualSnoop({
      store,
      blobs,
      locks,
      visualSearch,
      pictures: pictures ?? null,
      onDeleted: emptier.wake,
    }),
    duplicates: new EmbeddedDuplicates({ store, locks, thread: duplicates, onAsked: comparing.wake }),
    collectionKeys: { find: (publicKey) => store.collections.findKey(publicKey) },
    pictureFiles: storedFiles({ store, blobs }),
    linkSecret,
    storage: opened,
    defaultCollection,
    reindexing: () => reindexing?.progress() ?? null,
    collectionsWithoutKeypoints: () => visualSearch.collectionsWithoutKeypoints,
    comparing: () => compared.progress,
    hashesRead: () => reader.hashesRead,
    async close() {
      await reindexing?.stop();
      await filling.stop();
      await comparing.stop();
      await emptier.stop();
      await sweeper.stop();
      await duplicates.close();
      await reader.close();
      await visualSearch.close();
      await opened.close();
    },
  };
}

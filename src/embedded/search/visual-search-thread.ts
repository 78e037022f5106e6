import type { ImageKey, ImageMatch, ImageSearch } from '../../services/visualsnoop.js';
import type { StoreAddress } from '../store/open-store.js';
import type { Picture } from '../store/rows.js';
import type { OnSql } from '../store/sql-report.js';
import { CallThread } from '../threads/call-thread.js';

/** A call of the main thread to the visual search thread. */
export type VisualSearchCall =
  | { name: 'byIds'; keys: readonly ImageKey[]; search: ImageSearch }
  | { name: 'byPicture'; collectionId: string; picture: Picture; search: ImageSearch };

/** The result of each call, by its name. */
export interface VisualSearchResults {
  byIds: (ImageMatch[] | null)[];
  byPicture: ImageMatch[];
}

/** Whether the keypoints of a collection are searched: they are not while they need too much memory. */
export interface KeypointsNotice {
  collectionId: string;
  areSearched: boolean;
}

/** The `workerData` of the thread. */
export interface VisualSearchData {
  readonly address: StoreAddress;
  readonly maxKeypointBytes: number | undefined;
}

export interface VisualSearchOptions {
  onSql?: OnSql | undefined;
  /**
   * A collection whose keypoints need more memory is searched without them.
   * @default a quarter of the memory, at most 1.5 GiB
   */
  maxKeypointBytes?: number | undefined;
  /**
   * Takes notices of collections that are searched without keypoints.
   * @default none
   */
  onNotice?: ((notice: string) => void) | undefined;
}

/**
 * Visual searches, in a thread that keeps the descriptors of the searched collections in memory. What was committed
 * before a call is found. The best come first, then those with the smaller imageId; rank 0 is for the same bytes only.
 */
export class VisualSearchThread {
  readonly #thread: CallThread<VisualSearchCall, VisualSearchResults, KeypointsNotice>;
  readonly #withoutKeypoints = new Set<string>();

  /** @param address of a database with its tables */
  constructor(
    address: StoreAddress,
    { onSql, maxKeypointBytes, onNotice = () => {} }: VisualSearchOptions = {},
  ) {
    const entry = new URL('./visual-search-worker.js', import.meta.url);
    const onCall = onSql && ((durationMs: number) => onSql({ kind: 'VISUAL_SEARCH', durationMs }));
    this.#thread = new CallThread({
      name: 'visual search',
      entry,
      data: { address, maxKeypointBytes } satisfies VisualSearchData,
      onCall,
      onNotice: ({ collectionId, areSearched }) => {
        if (areSearched) return void this.#withoutKeypoints.delete(collectionId);
        if (this.#withoutKeypoints.has(collectionId)) return;
        this.#withoutKeypoints.add(collectionId);
        onNotice(
          `The keypoints of ${collectionId} need too much memory: no parts of pictures are found there.`,
        );
      },
    });
  }

  /** How many collections are searched without keypoints, as these need too much memory. */
  get collectionsWithoutKeypoints(): number {
    return this.#withoutKeypoints.size;
  }

  /** For each image what looks like it, the image itself left out; null when there is no such image. */
  byIds(
    keys: readonly ImageKey[],
    search: ImageSearch,
    signal?: AbortSignal,
  ): Promise<(ImageMatch[] | null)[]> {
    return this.#thread.call({ name: 'byIds', keys, search }, signal);
  }

  byPicture(
    collectionId: string,
    picture: Picture,
    search: ImageSearch,
    signal?: AbortSignal,
  ): Promise<ImageMatch[]> {
    return this.#thread.call({ name: 'byPicture', collectionId, picture, search }, signal);
  }

  /** Ends the thread; the calls it has fail, and so do all later ones. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}

import type { ImageKey, ImageMatch } from '../../services/visualsnoop.js';
import type { StoreAddress } from '../store/open-store.js';
import type { Picture } from '../store/rows.js';
import type { OnSql } from '../store/sql-report.js';
import { CallThread } from '../threads/call-thread.js';

/** A call of the main thread to the visual search thread. */
export type VisualSearchCall =
  | { name: 'byIds'; keys: readonly ImageKey[]; limit: number }
  | { name: 'byPicture'; collectionId: string; picture: Picture; limit: number };

/** The result of each call, by its name. */
export interface VisualSearchResults {
  byIds: (ImageMatch[] | null)[];
  byPicture: ImageMatch[];
}

/**
 * Visual searches, in a thread that keeps the descriptors of the searched collections in memory. What was committed
 * before a call is found. The best come first, then those with the smaller imageId; rank 0 is for the same bytes only.
 */
export class VisualSearchThread {
  readonly #thread: CallThread<VisualSearchCall, VisualSearchResults>;

  /** @param address of a database with its tables */
  constructor(address: StoreAddress, onSql?: OnSql) {
    const entry = new URL('./visual-search-worker.js', import.meta.url);
    const onCall = onSql && ((durationMs: number) => onSql({ kind: 'VISUAL_SEARCH', durationMs }));
    this.#thread = new CallThread({ name: 'visual search', entry, data: address, onCall });
  }

  /** For each image what looks like it, the image itself left out; null when there is no such image. */
  byIds(keys: readonly ImageKey[], limit: number, signal?: AbortSignal): Promise<(ImageMatch[] | null)[]> {
    return this.#thread.call({ name: 'byIds', keys, limit }, signal);
  }

  byPicture(
    collectionId: string,
    picture: Picture,
    limit: number,
    signal?: AbortSignal,
  ): Promise<ImageMatch[]> {
    return this.#thread.call({ name: 'byPicture', collectionId, picture, limit }, signal);
  }

  /** Ends the thread; the calls it has fail, and so do all later ones. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}

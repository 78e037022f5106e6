import { readLocalFile, type StoredBytes } from './blobs/read-bytes.js';
import { DESCRIPTOR_VERSION } from './picture/descriptor.js';
import type { OutdatedImage, Store } from './store/store.js';

const BATCH = 100;

export interface ReindexParts extends StoredBytes {
  store: Store;
  pictures: PictureDescriber;
  /** Takes the reason for which a picture was left as it is; the others go on. */
  onError(error: unknown): void;
}

export interface PictureDescriber {
  /** Encoded; null when the picture cannot be decoded. */
  describe(path: string): Promise<Uint8Array | null>;
}

export interface ReindexOptions {
  /** Ends the work after the picture at hand; descriptors that are made stay. */
  signal?: AbortSignal;
  /** In pictures, after each one; total is counted at the start. */
  onProgress?(progress: { done: number; total: number }): void;
}

/** Makes the descriptors of other versions anew from the stored bytes, one picture at a time. */
export async function reindex(
  { store, blobs, pictures, onError }: ReindexParts,
  { signal, onProgress }: ReindexOptions = {},
): Promise<void> {
  const total = await store.images.countOutdated(DESCRIPTOR_VERSION);
  let done = 0;
  let batch: OutdatedImage[] = [];
  do {
    batch = await store.images.listOutdated(DESCRIPTOR_VERSION, batch.at(-1), BATCH);
    for (const { seq, contentHash } of batch) {
      if (signal?.aborted) return;
      try {
        const descriptor = await readLocalFile({ store, blobs }, contentHash, (path) =>
          pictures.describe(path),
        );
        if (!descriptor) throw new Error(`The picture ${contentHash} cannot be decoded any more.`);
        await store.images.replaceDescriptor(seq, descriptor, DESCRIPTOR_VERSION);
      } catch (error) {
        onError(error);
      }
      onProgress?.({ done: ++done, total });
    }
  } while (batch.length === BATCH);
}

/** The number of notices about one reindexing. */
const REPORTS = 10;

export interface Reindexing {
  /** Null when there is nothing to do, or nothing left. */
  progress(): { done: number; total: number } | null;
  stop(): Promise<void>;
}

/** Reindexes in the background, until it is done or stopped. */
export function startReindexing(parts: ReindexParts, onNotice: (notice: string) => void): Reindexing {
  const stopping = new AbortController();
  let progress: { done: number; total: number } | null = null;
  const onProgress = (now: { done: number; total: number }) => {
    const part = Math.ceil(now.total / REPORTS);
    if (now.done % part === 0 || now.done === now.total)
      onNotice(`Described ${now.done} of ${now.total} images anew.`);
    progress = now.done < now.total ? now : null;
  };
  const running = reindex(parts, { signal: stopping.signal, onProgress }).catch(parts.onError);
  return {
    progress: () => progress,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

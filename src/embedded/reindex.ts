import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PictureDescription } from '../services/staged-image.js';
import { MissingBlobError } from './blobs/blobs.js';
import { readLocalFile, type StoredBytes } from './blobs/read-bytes.js';
import { VERSIONS } from './picture/versions.js';
import type { OutdatedImage, Store } from './store/store.js';

const BATCH = 100;

export interface ReindexParts extends StoredBytes {
  store: Store;
  pictures: PictureDescriber;
  /** Takes the reason for which a picture was left as it is; the others go on. */
  onError(error: unknown): void;
}

export interface PictureDescriber {
  /** Null when the picture cannot be decoded. */
  describe(path: string): Promise<PictureDescription | null>;
}

export interface ReindexOptions {
  /** Ends the work after the picture at hand; descriptions that are made stay. */
  signal?: AbortSignal;
  /** In pictures, after each one; total is counted at the start. */
  onProgress?(progress: { done: number; total: number }): void;
}

/** How long others wait for those that a process which ended had begun with. */
const PAUSE_MS = 10_000;

/**
 * Makes descriptors and keypoints that are of other versions, or missing, from the stored bytes, one picture at a time. Several processes on one
 * storage share the work, and each returns when all of it is done, or when it has failed at what is left.
 */
export async function reindex(
  parts: ReindexParts,
  { signal, onProgress }: ReindexOptions = {},
): Promise<void> {
  const { images } = parts.store;
  const claimant = randomUUID();
  const total = await images.countOutdated(VERSIONS);
  const failed = new Set<number>();
  let done = 0;
  const report = (now: number) => {
    if (now <= done) return;
    done = now;
    onProgress?.({ done, total });
  };
  for (let left = total; left > failed.size; ) {
    let batch: OutdatedImage[] = [];
    let tried = 0;
    do {
      batch = await images.listOutdated(VERSIONS, batch.at(-1), BATCH, claimant);
      for (const image of batch) {
        if (signal?.aborted) break;
        if (failed.has(image.seq)) continue;
        tried++;
        if (!(await describeAnew(image, parts))) failed.add(image.seq);
        report(Math.min(done + 1, total));
      }
      await images.releaseOutdated(claimant);
      if (signal?.aborted) return;
      left = await images.countOutdated(VERSIONS);
      // Others are at work too.
      report(total - left);
    } while (batch.length === BATCH);
    const waits = tried === 0 && left > failed.size;
    if (waits) await sleep(PAUSE_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** @returns false when it is left as it was */
async function describeAnew(
  { seq, contentHash }: OutdatedImage,
  { store, blobs, pictures, onError }: ReindexParts,
): Promise<boolean> {
  try {
    const description = await readLocalFile({ store, blobs }, contentHash, (path) => pictures.describe(path));
    if (!description) throw new UndecodableError(contentHash);
    await store.images.replaceDescription(seq, { ...description, ...VERSIONS });
    return true;
  } catch (error) {
    onError(error);
    return false;
  }
}

class UndecodableError extends Error {
  override readonly name = 'UndecodableError';

  constructor(contentHash: string) {
    super(`The picture ${contentHash} cannot be decoded any more.`);
  }
}

/** The number of notices about one reindexing. */
const REPORTS = 10;

export interface Reindexing {
  /** Null when there is nothing to do, or nothing left. */
  progress(): { done: number; total: number } | null;
  stop(): Promise<void>;
}

/**
 * Reindexes in the background, until it is done or stopped. Pictures whose bytes are gone or broken are counted in one notice: a
 * store that lost many would name each at every start.
 */
export function startReindexing(parts: ReindexParts, onNotice: (notice: string) => void): Reindexing {
  const stopping = new AbortController();
  let progress: { done: number; total: number } | null = null;
  let unreadable = 0;
  const onProgress = (now: { done: number; total: number }) => {
    const part = Math.ceil(now.total / REPORTS);
    if (now.done % part === 0 || now.done === now.total)
      onNotice(`Described ${now.done} of ${now.total} images anew.`);
    progress = now.done < now.total ? now : null;
  };
  const onError = (error: unknown) => {
    if (error instanceof MissingBlobError || error instanceof UndecodableError) unreadable++;
    else parts.onError(error);
  };
  const reindexAll = async () => {
    await reindex({ ...parts, onError }, { signal: stopping.signal, onProgress });
    if (unreadable > 0)
      onNotice(
        `Images whose bytes are lost or cannot be decoded any more: ${unreadable}. They are left as they are; lookalike check names what is lost.`,
      );
  };
  const running = reindexAll().catch(parts.onError);
  return {
    progress: () => progress,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Timestamp } from '../../services/timestamp.js';
import type { KeyedLock } from '../keyed-lock.js';
import { ONLY_ANNOUNCED, type Store } from '../store/store.js';
import type { FileBlobs } from './file-blobs.js';

/** How long released bytes are kept, so that those who are reading them may finish. */
const GRACE_MS = 10 * 60_000;
const PAUSE_MS = 60_000;
const BATCH = 100;

interface SweptBlobs {
  store: Store;
  blobs: FileBlobs;
  /** The lock by content hash that storing takes too. */
  locks: KeyedLock;
}

export interface SweeperParts extends SweptBlobs {
  onError(error: unknown): void;
}

/** Removes bytes that nothing needs any more, in the background, until it is stopped: then after those at hand. */
export function startSweeper(parts: SweeperParts): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    while (!signal.aborted) {
      await sweepReleasedBlobs(parts, isoTime(Date.now() - GRACE_MS), signal).catch(parts.onError);
      await sleep(PAUSE_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Removes the bytes that interrupted writes left. Only at the start, when nothing is being written. */
export async function sweepInterruptedWrites(swept: SweptBlobs): Promise<void> {
  await sweepReleasedBlobs(swept, ONLY_ANNOUNCED);
}

/**
 * Removes bytes that were released before the given time: first the file, then its row, so that no file is ever
 * forgotten.
 *
 * @param signal ends it after the bytes at hand
 * @returns how many were removed
 */
export async function sweepReleasedBlobs(
  { store, blobs, locks }: SweptBlobs,
  before: Timestamp,
  signal?: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const released = await store.blobs.findReleased(before, BATCH);
    for (const contentHash of released) {
      if (signal?.aborted) return removed;
      await locks.run(contentHash, async () => {
        if (!(await store.blobs.isReleased(contentHash))) return;
        await blobs.remove(contentHash);
        await store.blobs.forget(contentHash);
        removed++;
      });
    }
    if (released.length < BATCH) return removed;
  }
}

function isoTime(milliseconds: number): Timestamp {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyedLock } from '../keyed-lock.js';
import type { ReleasedBytes } from '../store/blob-store.js';
import type { StoredBytes } from './read-bytes.js';

/** How long released bytes are kept, so that those who are reading them may finish. */
const GRACE_MS = 10 * 60_000;
const PAUSE_MS = 60_000;
const BATCH = 100;

interface SweptBytes extends StoredBytes {
  /** The lock by content hash that storing takes too. */
  locks: KeyedLock;
  /** Told of bytes that are gone. */
  onSwept?: ((contentHash: string) => void) | undefined;
}

export interface SweeperParts extends SweptBytes {
  onError(error: unknown): void;
}

/** Removes bytes that nothing needs any more, in the background, until it is stopped: then after those at hand. */
export function startSweeper(parts: SweeperParts): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    while (!signal.aborted) {
      await sweepReleasedBytes(parts, GRACE_MS, signal).catch(parts.onError);
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

/** Removes the bytes that interrupted writes left. Only at the start, when this process is writing nothing. */
export async function sweepInterruptedWrites(swept: SweptBytes): Promise<void> {
  await sweep(swept, () => swept.store.blobs.findInterrupted(BATCH));
}

/**
 * Removes bytes that were released longer ago than the grace time.
 *
 * @param signal ends it after the bytes at hand
 * @returns how many were removed
 */
export function sweepReleasedBytes(
  swept: SweptBytes,
  graceMs: number,
  signal?: AbortSignal,
): Promise<number> {
  return sweep(swept, () => swept.store.blobs.findReleased(graceMs, BATCH), signal);
}

/** First the bytes, then the note of them, so that no bytes are ever forgotten. */
async function sweep(
  { store, blobs, locks, onSwept }: SweptBytes,
  find: () => Promise<readonly ReleasedBytes[]>,
  signal?: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const released = await find();
    const before = removed;
    for (const { contentHash, place } of released) {
      if (signal?.aborted) return removed;
      await locks.run(contentHash, async () => {
        if (!(await store.blobs.claim(contentHash, place))) return;
        await blobs.remove(place);
        await store.blobs.forget(contentHash, place);
        onSwept?.(contentHash);
        removed++;
      });
    }
    if (released.length < BATCH || removed === before) return removed;
  }
}

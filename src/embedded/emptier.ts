import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Store } from './store/store.js';

const PAUSE_MS = 60_000;
/** Of images in one transaction: some milliseconds of SQLite, which answers nobody meanwhile. */
const BATCH = 100;

export interface EmptierParts {
  store: Pick<Store, 'collections'>;
  onError(error: unknown): void;
}

/** Removes the images of deleted collections, in the background, until it is stopped: then after those at hand. */
export interface Emptier {
  /** Begins at once, where it would begin later. */
  wake(): void;
  stop(): Promise<void>;
}

/** Goes on with what this process, or another one, had left when it ended. */
export function startEmptier({ store, onError }: EmptierParts): Emptier {
  const stopping = new AbortController();
  const { signal } = stopping;
  let pause = new AbortController();
  const running = (async () => {
    while (!signal.aborted) {
      pause = new AbortController();
      await emptyDeletedCollections(store, signal).catch(onError);
      const ended = AbortSignal.any([signal, pause.signal]);
      await sleep(PAUSE_MS, undefined, { signal: ended, ref: false }).catch(() => {});
    }
  })();
  return {
    wake: () => pause.abort(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/**
 * Removes all images of deleted collections. Several processes may be at it.
 * @param signal ends it after those at hand
 */
export async function emptyDeletedCollections(
  { collections }: Pick<Store, 'collections'>,
  signal?: AbortSignal,
): Promise<void> {
  while (!signal?.aborted && (await collections.emptyDeleted(BATCH))) await setImmediate();
}

import { setTimeout as sleep } from 'node:timers/promises';
import { createBLAKE3 } from 'hash-wasm';
import { StorageError } from '../services/storage-error.js';
import { CorruptBlobError, MissingBlobError } from './blobs/blobs.js';
import { openBytes, type StoredBytes } from './blobs/read-bytes.js';
import { LeaseTakenError, withLease } from './lease.js';
import { HasherPool } from './staging.js';
import type { Store } from './store/store.js';

/** How many content hashes are listed at once. */
const BATCH = 100;
/** Between two rounds: what came meanwhile may have been stored without. */
const PAUSE_MS = 60_000;
/** The same where more is unreadable than is remembered, which each round tries once more. */
const LONG_PAUSE_MS = 60 * PAUSE_MS;
const MAX_UNREADABLE = 10_000;
/** After which what was unreadable is read again: a backup or an upload may have brought it back. */
const RETRY_MS = 60 * PAUSE_MS;
/** How many a notice is worth. */
const NOTICE_BYTES = 10_000;

export interface Blake3FillParts extends StoredBytes {
  store: Pick<Store, 'blobs' | 'leases'>;
  onError(error: unknown): void;
}

export interface FillOptions {
  /** Ends the work at once. */
  signal?: AbortSignal;
  /**
   * Content hashes of bytes that are lost or altered, with the time of the last try, as `performance.now()` tells it. Those that
   * were tried within the hour are left out, those that are found are added, and those that came back are removed.
   */
  unreadable: Map<string, number>;
  /** After each. */
  onFilled?(): void;
}

/**
 * Computes the BLAKE3 of all bytes that have none, one after the other: of those that were stored before it was noted, and of
 * those that came with an image. It needs nothing but the bytes, and takes one half of a processor at most.
 *
 * @throws StorageError when the storage is away
 */
export async function fillBlake3(
  parts: Blake3FillParts,
  { signal, unreadable, onFilled }: FillOptions,
): Promise<void> {
  const hashers = { blake2b: new HasherPool(), blake3: new HasherPool(createBLAKE3) };
  for (let after = ''; ; ) {
    const batch = await parts.store.blobs.listWithoutBlake3(after, BATCH);
    for (const contentHash of batch) {
      if (signal?.aborted) return;
      const startedAt = performance.now();
      if (startedAt - (unreadable.get(contentHash) ?? Number.NEGATIVE_INFINITY) < RETRY_MS) continue;
      const blake3 = await readBlake3(contentHash, parts, hashers, signal);
      if (signal?.aborted) return;
      if (blake3 !== null) {
        await parts.store.blobs.setBlake3(contentHash, blake3);
        unreadable.delete(contentHash);
        onFilled?.();
      } else if (unreadable.has(contentHash) || unreadable.size < MAX_UNREADABLE)
        unreadable.set(contentHash, startedAt);
      await sleep(performance.now() - startedAt, undefined, { signal, ref: false }).catch(() => {});
    }
    if (batch.length < BATCH) return;
    after = batch.at(-1)!;
  }
}

/** Null when the bytes are lost, or others than those with the content hash; and when it was ended. */
async function readBlake3(
  contentHash: string,
  parts: Blake3FillParts,
  { blake2b, blake3 }: { blake2b: HasherPool; blake3: HasherPool },
  signal: AbortSignal | undefined,
): Promise<string | null> {
  try {
    return await blake2b.use((first) =>
      blake3.use(async (second) => {
        for await (const chunk of await openBytes(parts, contentHash)) {
          if (signal?.aborted) return null;
          first.update(chunk as Uint8Array);
          second.update(chunk as Uint8Array);
        }
        return first.digest('hex') === contentHash ? second.digest('hex') : null;
      }),
    );
  } catch (error) {
    if (signal?.aborted || error instanceof MissingBlobError || error instanceof CorruptBlobError)
      return null;
    if (error instanceof StorageError) throw error;
    parts.onError(error);
    return null;
  }
}

/** What goes on in the background until it is stopped. */
export interface Blake3Fill {
  stop(): Promise<void>;
}

/** Fills in the background, one process at a time: where one ends, another one goes on with what is left. */
export function startBlake3Fill(parts: Blake3FillParts, onNotice: (notice: string) => void): Blake3Fill {
  const stopping = new AbortController();
  const { signal } = stopping;
  const unreadable = new Map<string, number>();
  const round = async () => {
    if ((await parts.store.blobs.listWithoutBlake3('', 1)).length === 0) return;
    await withLease(parts.store.leases, 'computing of BLAKE3', (lost) =>
      reportedRound(parts, { signal: AbortSignal.any([signal, lost]), unreadable }, onNotice),
    );
  };
  const running = (async () => {
    while (!signal.aborted) {
      await round().catch((error) => {
        if (!(error instanceof LeaseTakenError)) parts.onError(error);
      });
      const pause = unreadable.size < MAX_UNREADABLE ? PAUSE_MS : LONG_PAUSE_MS;
      await sleep(pause, undefined, { signal, ref: false }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Tells of long work, and of bytes that are lost once: a store that lost many would name each at every start. */
async function reportedRound(
  parts: Blake3FillParts,
  options: FillOptions,
  onNotice: (notice: string) => void,
): Promise<void> {
  const { unreadable } = options;
  const knownUnreadable = unreadable.size;
  let filled = 0;
  const onFilled = () => {
    filled++;
    if (filled % NOTICE_BYTES === 0) onNotice(`Computed the BLAKE3 of ${filled} stored pictures.`);
  };
  await fillBlake3(parts, { ...options, onFilled });
  if (options.signal?.aborted) return;
  if (filled > NOTICE_BYTES) onNotice(`Computed the BLAKE3 of all ${filled} stored pictures without one.`);
  if (unreadable.size > knownUnreadable)
    onNotice(
      `Pictures whose bytes are lost or altered: ${unreadable.size}. Their BLAKE3 stays unknown; lookalike check names them.`,
    );
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { CompareProgress } from './entry-pairs.js';

/** How long to wait for what is stored meanwhile. */
const PAUSE_MS = 60_000;
/** How many entries a notice is worth. */
const NOTICE_ENTRIES = 100_000;

export interface ComparingParts {
  /** Compares all entries that were not compared yet. */
  compareAll(signal: AbortSignal): Promise<unknown>;
  onError(error: unknown): void;
}

/**
 * Compares entries with all others in the background, from the first question about groups on: nobody pays for groups that
 * nobody asks for, and whoever asks again finds them made.
 */
export interface Comparing {
  /** Begins, or goes on. */
  wake(): void;
  stop(): Promise<void>;
}

export function createComparing({ compareAll, onError }: ComparingParts): Comparing {
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> | undefined;
  async function run(): Promise<void> {
    while (!signal.aborted) {
      await compareAll(signal).catch((error) => {
        if (!signal.aborted) onError(error);
      });
      await sleep(PAUSE_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }
  return {
    wake() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** How far a long comparison is, for who asks and in notices. */
export class CompareReport {
  readonly #onNotice: (notice: string) => void;
  #progress: CompareProgress | null = null;

  constructor(onNotice: (notice: string) => void) {
    this.#onNotice = onNotice;
  }

  /** Null when there is nothing to do, or nothing left. */
  get progress(): CompareProgress | null {
    return this.#progress;
  }

  note(now: CompareProgress): void {
    const before = this.#progress?.done ?? now.done;
    this.#progress = now.done < now.total ? now : null;
    if (Math.floor(now.done / NOTICE_ENTRIES) > Math.floor(before / NOTICE_ENTRIES))
      this.#onNotice(`Compared ${now.done} of ${now.total} entries in search of duplicates.`);
  }
}

import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Item } from './item.js';

/** The least pause between two looks, and how much longer than a look it is. */
const PAUSE_MS = 2_000;
const PAUSES_PER_LOOK = 20;
/** A file that was changed so lately may be written on. */
const SETTLED_MS = 1_000;

/** Looks at sources again and again, as not all file systems tell of changes. */
export class Watch {
  readonly #read: () => AsyncIterable<Item>;
  #seen = new Map<string, string>();
  #tookMs = 0;

  /** @param read reads all items that there are */
  constructor(read: () => AsyncIterable<Item>) {
    this.#read = read;
  }

  /** The items that are new, or whose files have changed, since the last look; at the first look all of them. */
  async *look(): AsyncGenerator<Item> {
    const startedAt = performance.now();
    const there = new Map<string, string>();
    for await (const item of this.#read()) {
      const key = `${item.url}\t${item.path}`;
      const state = await stateOf(item);
      if (state === null) continue;
      there.set(key, state);
      if (this.#seen.get(key) !== state) yield item;
    }
    this.#seen = there;
    this.#tookMs = performance.now() - startedAt;
  }

  /** Waits until it is time for another look, or until the signal is aborted. */
  async pause(signal: AbortSignal): Promise<void> {
    const pauseMs = Math.max(PAUSE_MS, PAUSES_PER_LOOK * this.#tookMs);
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
}

/** What of a file changes with it; null for one that is not there, or that may be written on. */
async function stateOf({ path }: Item): Promise<string | null> {
  if (path === null) return '';
  const found = await stat(path).catch(() => null);
  if (!found || Date.now() - found.mtimeMs < SETTLED_MS) return null;
  return `${found.size} ${found.mtimeMs}`;
}

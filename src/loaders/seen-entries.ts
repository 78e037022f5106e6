import type { Entry, EntryMatch } from '../services/imgcache/api.js';

/** Entries that came with the answers to other questions. They are sorted by key only once one is asked for by its key. */
export class SeenEntries {
  readonly #byContentHash = new Map<string, Entry>();
  #unsorted: (() => void)[] = [];

  add(entries: readonly (Entry | null)[]): void {
    this.#unsorted.push(() => {
      for (const entry of entries) if (entry) this.#byContentHash.set(entry.contentHash, entry);
    });
  }

  addMatches(matches: readonly EntryMatch[]): void {
    this.#unsorted.push(() => {
      for (const { entry } of matches) this.#byContentHash.set(entry.contentHash, entry);
    });
  }

  get(contentHash: string): Entry | undefined {
    if (this.#unsorted.length > 0) for (const sort of this.#unsorted.splice(0)) sort();
    return this.#byContentHash.get(contentHash);
  }

  clear(): void {
    this.#unsorted = [];
    this.#byContentHash.clear();
  }
}

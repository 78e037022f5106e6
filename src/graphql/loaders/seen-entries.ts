import type { Entry, EntryMatch } from '../../services/entry.js';

/** Entries that came whole with other reads. They are indexed only when one of them is first read by its key. */
export class SeenEntries {
  readonly #byContentHash = new Map<string, Entry>();
  #unindexed: (() => void)[] = [];

  add(entries: readonly (Entry | null)[]): void {
    this.#unindexed.push(() => {
      for (const entry of entries)
        if (entry && !entry.brief) this.#byContentHash.set(entry.contentHash, entry);
    });
  }

  addMatches(matches: readonly EntryMatch[]): void {
    this.#unindexed.push(() => {
      for (const { entry } of matches) this.#byContentHash.set(entry.contentHash, entry);
    });
  }

  get(contentHash: string): Entry | undefined {
    if (this.#unindexed.length > 0) for (const index of this.#unindexed.splice(0)) index();
    return this.#byContentHash.get(contentHash);
  }

  clear(): void {
    this.#unindexed = [];
    this.#byContentHash.clear();
  }
}

import type { Entry, EntryMatch } from '../services/imgcache/api.js';

/** Entries that came with the answers to other questions. They are sorted by key only once one is asked for by its key. */
export class SeenEntries {
  readonly #byContentHash = new Map<string, Entry>();
  #entries: (readonly (Entry | null)[])[] = [];
  #matches: (readonly EntryMatch[])[] = [];

  add(entries: readonly (Entry | null)[]): void {
    this.#entries.push(entries);
  }

  addMatches(matches: readonly EntryMatch[]): void {
    this.#matches.push(matches);
  }

  get(contentHash: string): Entry | undefined {
    this.#sort();
    return this.#byContentHash.get(contentHash);
  }

  clear(): void {
    this.#entries = [];
    this.#matches = [];
    this.#byContentHash.clear();
  }

  #sort(): void {
    for (const entry of this.#entries.flat()) if (entry) this.#byContentHash.set(entry.contentHash, entry);
    for (const { entry } of this.#matches.flat()) this.#byContentHash.set(entry.contentHash, entry);
    this.#entries = [];
    this.#matches = [];
  }
}

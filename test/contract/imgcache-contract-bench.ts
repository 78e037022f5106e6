import { afterEach, beforeEach, expect } from 'vitest';
import type { Entry } from '#src/services/entry.js';
import type { EntryOrigin } from '#src/services/entry-origin.js';
import type { EntryQuery } from '#src/services/entry-query.js';
import type { ImgCache } from '#src/services/imgcache.js';
import type { StagedImage } from '#src/services/staged-image.js';

export interface ImgCacheSubject {
  /** Empty at the start. */
  imgcache: ImgCache;
  stage(bytes: Buffer): Promise<StagedImage>;
  close(): Promise<void>;
}

/** What an implementation cannot do because the service behind it does not. */
export interface Shortcomings {
  /** It keeps the first URL of the same bytes alone. */
  dropsUrls?: boolean;
  /** It takes the time and the file name of a store itself. */
  dropsOrigin?: boolean;
  /** The rules of the newer protocol: each store, also of what is there, is noted as the last one, and an empty prefix is none. */
  newerRules?: boolean;
  /** It has no buckets, or none that it is asked for here. */
  lacksBuckets?: boolean;
  /** It does not tell what clients note of entries, and searches one bucket at a time. */
  lacksNotes?: boolean;
}

/** A hash that nothing has. */
export const UNKNOWN = '0'.repeat(64);

/** Starts a subject for each test of the surrounding suite, and does what most of them need. */
export class ContractBench {
  readonly shortcomings: Shortcomings;
  #subject!: ImgCacheSubject;

  constructor(start: () => Promise<ImgCacheSubject>, shortcomings: Shortcomings) {
    this.shortcomings = shortcomings;
    beforeEach(async () => {
      this.#subject = await start();
    });
    afterEach(() => this.#subject.close());
  }

  get imgcache(): ImgCache {
    return this.#subject.imgcache;
  }

  stage(bytes: Buffer): Promise<StagedImage> {
    return this.#subject.stage(bytes);
  }

  /** An entry as it is told after its bytes were stored again. */
  storedAgain(entry: Entry): Entry {
    return this.shortcomings.newerRules ? { ...entry, retrievedAt: expect.any(String) } : entry;
  }

  async store(content: string | Buffer, origin: Partial<EntryOrigin> = {}) {
    await using image = await this.stage(Buffer.from(content));
    const url = `https://x.example/${image.contentHash}`;
    return await this.imgcache.store(image, { url, clientName: 'c', ...origin });
  }

  async stored(content: string | Buffer, origin: Partial<EntryOrigin> = {}): Promise<Entry> {
    return (await this.store(content, origin)).entry;
  }

  /** Other bytes for every URL. */
  storedAt(url: string): Promise<Entry> {
    return this.stored(`bytes of ${url}`, { url });
  }

  find(query: Partial<EntryQuery>): Promise<Entry[]> {
    return collect(this.imgcache.search({ order: 'OLDEST_FIRST', ...query }));
  }

  async findUrls(urlContains: string): Promise<string[]> {
    return (await this.find({ filter: { urlContains } })).map(({ url }) => url);
  }
}

export async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

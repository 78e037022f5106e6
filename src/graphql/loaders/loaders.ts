import type { RequestScope } from '../../request/request-scope.js';
import type { Hashing } from '../../services/entry.js';
import type { ImgCache } from '../../services/imgcache.js';
import type { Pictures } from '../../services/pictures.js';
import type { VisualSnoop } from '../../services/visualsnoop.js';
import { type CollectionLoaders, createCollectionLoaders } from './collections.js';
import { createEntryLoaders, type EntryLoaders } from './entries.js';
import { PictureReads } from './pictures.js';

export interface LoadersParts {
  imgcache: ImgCache;
  visualsnoop: VisualSnoop;
  pictures: Pictures;
}

/**
 * Everything that one GraphQL request reads by key. Most requests read from one service only.
 *
 * One read may meet five memories, each for a repetition that the others do not see. What each is worth was measured as
 * the CPU of a request without it, or is a promise that a test counts:
 * 1. The DataLoaders of a request join the keys of one tick to one call, and keep its results by key.
 * 2. `SeenEntries` of a request: entries that came with a list are not asked for again by their content hash. Without it,
 *    the entries of a page are read once more for its images; tests count these calls and statements.
 * 3. `SharedReads` of a remote client, while a read is under way: all requests share it. Without it, a page that 32
 *    clients ask for at the same time takes 1.7 times as much.
 * 4. `SharedReads`, in the scope of a request: it reads a path once, also where several loaders lead to it, as to an
 *    image by its id and as a copy of an entry. It saves no time worth counting; a test counts the calls.
 * 5. `DecodedLists` of remote imgcache: across requests, a list is decoded anew only when its bytes have changed; from
 *    the second time on that it is asked for. Without it, a page of 50 takes 1.2 times as much.
 * A change in a service clears its 1 to 4; 5 needs no clearing, since it compares the bytes of every response.
 */
export class Loaders {
  readonly #parts: LoadersParts;
  readonly #scope: RequestScope;
  #entries: EntryLoaders | undefined;
  #collections: CollectionLoaders | undefined;
  #pictures: PictureReads | undefined;

  constructor(parts: LoadersParts, scope: RequestScope) {
    this.#parts = parts;
    this.#scope = scope;
  }

  get entries(): EntryLoaders {
    this.#entries ??= createEntryLoaders(this.#parts.imgcache, this.#scope.reads('IMGCACHE'));
    return this.#entries;
  }

  get collections(): CollectionLoaders {
    this.#collections ??= createCollectionLoaders(
      this.#parts.visualsnoop,
      this.#scope.reads('VISUALSNOOP'),
      () => this.#hashing(),
    );
    return this.#collections;
  }

  /** How imgcache names bytes, which is the same for the whole request. */
  async #hashing(): Promise<Hashing> {
    return (await this.#parts.imgcache.hashing?.(this.#scope.reads('IMGCACHE'))) ?? 'BLAKE2B';
  }

  get pictures(): PictureReads {
    const { entries, collections } = this;
    this.#pictures ??= new PictureReads({ ...this.#parts, entries, collections, scope: this.#scope });
    return this.#pictures;
  }
}

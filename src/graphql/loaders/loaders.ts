import type { RequestScope } from '../../request/request-scope.js';
import type { ImgCache } from '../../services/imgcache.js';
import type { VisualSnoop } from '../../services/visualsnoop.js';
import { type CollectionLoaders, createCollectionLoaders } from './collections.js';
import { createEntryLoaders, type EntryLoaders } from './entries.js';

/**
 * Everything that one GraphQL request reads by key. Most requests read from one service only.
 *
 * One read may meet five memories, each for a repetition that the others do not see:
 * 1. The DataLoaders of a request join the keys of one tick to one call, and keep its results by key.
 * 2. `SeenEntries` of a request: entries that came with a list are not asked for again by their content hash.
 * 3. `SharedReads` of a remote client, while a read is under way: all requests share it.
 * 4. `SharedReads`, in the scope of a request: it reads a path once, also where no loader asks, as `getUrls` and the
 *    old protocols do.
 * 5. `DecodedLists` of remote imgcache: across requests, a list is decoded anew only when its bytes have changed; from
 *    the second time on that it is asked for.
 * A change in a service clears its 1 to 4; 5 needs no clearing, since it compares the bytes of every response.
 */
export class Loaders {
  readonly #imgcache: ImgCache;
  readonly #visualsnoop: VisualSnoop;
  readonly #scope: RequestScope;
  #entries: EntryLoaders | undefined;
  #collections: CollectionLoaders | undefined;

  constructor(imgcache: ImgCache, visualsnoop: VisualSnoop, scope: RequestScope) {
    this.#imgcache = imgcache;
    this.#visualsnoop = visualsnoop;
    this.#scope = scope;
  }

  get entries(): EntryLoaders {
    this.#entries ??= createEntryLoaders(this.#imgcache, this.#scope.reads('IMGCACHE'));
    return this.#entries;
  }

  get collections(): CollectionLoaders {
    this.#collections ??= createCollectionLoaders(this.#visualsnoop, this.#scope.reads('VISUALSNOOP'));
    return this.#collections;
  }
}

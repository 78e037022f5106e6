import type { RequestSignals } from '../../request/request-signals.js';
import type { ImgCache } from '../../services/imgcache.js';
import type { VisualSnoop } from '../../services/visualsnoop.js';
import { type CollectionLoaders, createCollectionLoaders } from './collections.js';
import { createEntryLoaders, type EntryLoaders } from './entries.js';

/** Everything that one GraphQL request reads by key. Most requests read from one service only. */
export class Loaders {
  readonly #imgcache: ImgCache;
  readonly #visualsnoop: VisualSnoop;
  readonly #signals: RequestSignals;
  #entries: EntryLoaders | undefined;
  #collections: CollectionLoaders | undefined;

  constructor(imgcache: ImgCache, visualsnoop: VisualSnoop, signals: RequestSignals) {
    this.#imgcache = imgcache;
    this.#visualsnoop = visualsnoop;
    this.#signals = signals;
  }

  get entries(): EntryLoaders {
    this.#entries ??= createEntryLoaders(this.#imgcache, this.#signals.reads('IMGCACHE'));
    return this.#entries;
  }

  get collections(): CollectionLoaders {
    this.#collections ??= createCollectionLoaders(this.#visualsnoop, this.#signals.reads('VISUALSNOOP'));
    return this.#collections;
  }
}

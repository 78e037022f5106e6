import type { ImgCache } from '../services/imgcache/api.js';
import type { RequestSignals } from '../services/request-signals.js';
import type { VisualSnoop } from '../services/visualsnoop/api.js';
import { type CollectionLoaders, createCollectionLoaders } from './collections.js';
import { createEntryLoaders, type EntryLoaders } from './entries.js';

/** Everything that one GraphQL request reads by key. */
export interface Loaders {
  entries: EntryLoaders;
  collections: CollectionLoaders;
}

export function createLoaders(
  { imgcache, visualsnoop }: { imgcache: ImgCache; visualsnoop: VisualSnoop },
  signals: RequestSignals,
): Loaders {
  return {
    entries: createEntryLoaders(imgcache, signals.reads('IMGCACHE')),
    collections: createCollectionLoaders(visualsnoop, signals.reads('VISUALSNOOP')),
  };
}

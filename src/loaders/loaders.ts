import type { ImgCache } from '../services/imgcache/api.js';
import type { RequestSignals } from '../services/request-signals.js';
import type { VisualSnoop } from '../services/visualsnoop/api.js';
import { type CollectionLoaders, createCollectionLoaders } from './collections.js';
import { createEntryLoaders, type EntryLoaders } from './entries.js';

/** Everything that one GraphQL request reads by key. */
export interface Loaders {
  readonly entries: EntryLoaders;
  readonly collections: CollectionLoaders;
}

/** Those of a service are made when they are asked for: most requests read from one. */
export function createLoaders(
  { imgcache, visualsnoop }: { imgcache: ImgCache; visualsnoop: VisualSnoop },
  signals: RequestSignals,
): Loaders {
  let entries: EntryLoaders | undefined;
  let collections: CollectionLoaders | undefined;
  return {
    get entries() {
      entries ??= createEntryLoaders(imgcache, signals.reads('IMGCACHE'));
      return entries;
    },
    get collections() {
      collections ??= createCollectionLoaders(visualsnoop, signals.reads('VISUALSNOOP'));
      return collections;
    },
  };
}

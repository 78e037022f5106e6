import type { ImgCache } from '../services/imgcache/api.js';
import { createEntryLoaders, type EntryLoaders } from './entries.js';

/** Everything that one GraphQL request reads by key. */
export interface Loaders {
  entries: EntryLoaders;
}

export function createLoaders(services: { imgcache: ImgCache }, signal: AbortSignal): Loaders {
  return { entries: createEntryLoaders(services.imgcache, signal) };
}

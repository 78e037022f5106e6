import type { ImageMatch } from '../../services/visualsnoop.js';
import { type FusedMatch, fuse, mergeImages } from './fuse.js';
import { type FoundEntry, searchEntries } from './search-entries.js';
import { type CollectionSearch, searchImages } from './search-images.js';
import { attempt, type SearchResult } from './search-result.js';
import type { Sources } from './sources.js';
import type { Subject } from './subject.js';

export interface SimilarityOptions {
  /** Null means all. */
  collectionIds: readonly string[] | null;
  /** 0 to 64. */
  maxHammingDistance: number;
  /** How many of each list. */
  first: number;
  /** VisualSnoop: whether parts of pictures are looked for too. */
  parts: boolean;
}

/** The pictures similar to one, and the outcome of each search. */
export interface Similarity {
  perceptualHash: string | null;
  entries: SearchResult<FoundEntry>;
  collections: readonly CollectionSearch[];
  /** The matches of all collections that could be searched, as one list, best first. */
  images: readonly ImageMatch[];
}

/** Searches both services at once. The failure of one is a part of the result. */
export async function findSimilar(
  subject: Subject,
  { collectionIds, maxHammingDistance, first, parts }: SimilarityOptions,
  sources: Sources,
): Promise<Similarity> {
  const reading = subject.perceptualHash();
  const [entries, collections] = await Promise.all([
    attempt('IMGCACHE', async () => {
      const perceptualHash = await reading;
      if (perceptualHash === null) return null;
      const itself = await subject.contentHash();
      const question = { perceptualHash, maxHammingDistance, first, itself, same: await subject.sent() };
      return searchEntries(question, sources.loaders.entries);
    }),
    searchImages(subject, collectionIds, { first, parts }, sources),
  ]);
  const lists = collections.map(({ result }) => (result.outcome === 'SEARCHED' ? result.matches : []));
  return {
    perceptualHash: await reading.catch(() => null),
    entries,
    collections,
    images: mergeImages(lists, first),
  };
}

/** Both lists as one. Null when nothing could be searched because every search that applied failed. */
export async function fuseSimilarity(
  { entries, collections, images }: Similarity,
  { loaders }: Pick<Sources, 'loaders'>,
): Promise<FusedMatch<FoundEntry>[] | null> {
  const outcomes = [entries, ...collections.map(({ result }) => result)].map(({ outcome }) => outcome);
  if (outcomes.includes('FAILED') && !outcomes.includes('SEARCHED')) return null;
  const found = images.map(async (image) => ({
    ...image,
    // A match is worth showing also when nobody can say what its bytes are.
    contentHash: await loaders.collections.entryHash(image).catch(() => null),
  }));
  return fuse(entries.outcome === 'SEARCHED' ? entries.matches : [], await Promise.all(found));
}

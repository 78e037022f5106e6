import { compareText } from './compare-text.js';
import type { Collection, CollectionQuery } from './visualsnoop.js';

/** The part of a list of collections at hand that a query selects, in its order. */
export function selectCollections(
  collections: readonly Collection[],
  { order = 'ASCENDING', after, before, limit }: CollectionQuery,
): Collection[] {
  const sign = order === 'ASCENDING' ? 1 : -1;
  const compare = (a: string, b: string) => sign * compareText(a, b);
  return collections
    .filter(
      ({ collectionId: id }) =>
        (after === undefined || compare(id, after) > 0) && (before === undefined || compare(id, before) < 0),
    )
    .sort((a, b) => compare(a.collectionId, b.collectionId))
    .slice(0, limit);
}

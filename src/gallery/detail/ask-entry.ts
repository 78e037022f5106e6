import { ask } from '../data/graph.js';
import { useQuery } from '../data/use-query.js';
import { EntryCollectionsDocument, EntryDocument, type EntryQuery } from '../generated.js';

export type WholeEntry = NonNullable<EntryQuery['entry']>;

/** What imgcache knows of an entry; null where there is none. */
export function useEntry(contentHash: string) {
  return useQuery({
    queryKey: ['entries', 'one', contentHash],
    queryFn: async ({ signal }): Promise<WholeEntry | null> =>
      (await ask(EntryDocument, { contentHash }, { signal })).entry,
  });
}

/** The collections that hold the bytes of an entry: VisualSnoop may be slow or dead, and the rest does not wait for it. */
export function useMemberships(contentHash: string) {
  return useQuery({
    queryKey: ['entries', 'collections', contentHash],
    queryFn: async ({ signal }) =>
      (await ask(EntryCollectionsDocument, { contentHash }, { signal })).entry?.collectionImages ?? [],
  });
}

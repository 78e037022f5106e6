import { ask } from '../data/graph.js';
import { useQuery } from '../data/use-query.js';
import { EntryDocument, type EntryQuery } from '../generated.js';

export type WholeEntry = NonNullable<EntryQuery['entry']>;

/** All that is known of an entry; null where there is none. What collections are asked for fails by itself. */
export function useEntry(contentHash: string) {
  return useQuery({
    queryKey: ['entries', 'one', contentHash],
    queryFn: async ({ signal }): Promise<WholeEntry | null> =>
      (await ask(EntryDocument, { contentHash }, { signal, onPartial: () => {} })).entry,
  });
}

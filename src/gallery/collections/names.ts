import { ask } from '../data/graph.js';
import { useQuery } from '../data/use-query.js';
import { CollectionNamesDocument } from '../generated.js';

export interface CollectionName {
  collectionId: string;
  name: string | null;
}

/** Collections without a name are told apart by their ids. */
export function titleOf({ name, collectionId }: CollectionName): string {
  return name ?? collectionId;
}

/** All collections that the reader may see. */
export function useCollectionNames() {
  return useQuery({ queryKey: ['collections', 'names'], queryFn: readNames });
}

async function readNames(): Promise<CollectionName[]> {
  const found: CollectionName[] = [];
  for (let after: string | null = null; ; ) {
    const { collections }: Awaited<ReturnType<typeof readPage>> = await readPage(after);
    found.push(...(collections?.nodes ?? []));
    if (!collections?.pageInfo.hasNextPage) return found;
    after = collections.pageInfo.endCursor;
  }
}

function readPage(after: string | null) {
  return ask(CollectionNamesDocument, { after });
}

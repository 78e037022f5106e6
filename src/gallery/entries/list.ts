import type { InfiniteData } from '@tanstack/query-core';
import { useMemo } from 'preact/hooks';
import { ask } from '../data/graph.js';
import { hidden } from '../data/soon.js';
import { usePages, useQuery } from '../data/use-query.js';
import {
  EntriesDocument,
  type EntriesQuery,
  EntryCountDocument,
  type EntryTileFragment,
} from '../generated.js';
import { filterOf, ORDERS, orderOf } from './filter.js';

const PAGE_SIZE = 60;

type Page = NonNullable<EntriesQuery['entries']>;

/** The entries that an address names, page by page, without those that are about to be deleted. */
export function useEntries(search: URLSearchParams) {
  const filter = filterOf(search);
  const [orderBy] = ORDERS[orderOf(search)];
  const pages = usePages<Page>({
    queryKey: ['entries', 'pages', filter, orderBy],
    initialPageParam: null,
    // What was scrolled through is not read again by itself.
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ pageParam, signal }) =>
      listOf(
        await ask(
          EntriesDocument,
          { filter, orderBy, first: PAGE_SIZE, after: pageParam as string | null },
          { signal },
        ),
      ),
    getNextPageParam: ({ pageInfo: { hasNextPage, endCursor } }) => (hasNextPage ? endCursor : null),
  });
  const { data: total } = useQuery({
    queryKey: ['entries', 'count', filter],
    queryFn: async ({ signal }) =>
      (await ask(EntryCountDocument, { filter }, { signal })).entries?.totalCount ?? null,
  });
  return { pages, total: total ?? null, entries: useTogether(pages.data, hidden.value) };
}

function useTogether(
  data: InfiniteData<Page> | undefined,
  gone: ReadonlySet<string>,
): readonly EntryTileFragment[] {
  return useMemo(() => {
    const all = data?.pages.flatMap(({ nodes }) => nodes) ?? [];
    return gone.size === 0 ? all : all.filter(({ contentHash }) => !gone.has(contentHash));
  }, [data, gone]);
}

function listOf({ entries }: EntriesQuery): Page {
  if (!entries) throw new Error('imgcache gave no list.');
  return entries;
}

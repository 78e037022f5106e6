import type { InfiniteData } from '@tanstack/query-core';
import { useEffect, useRef } from 'preact/hooks';
import { ask } from '../data/graph.js';
import { queryClient } from '../data/query-client.js';
import { usePages, useQuery } from '../data/use-query.js';
import {
  DuplicateCountDocument,
  DuplicateGroupDocument,
  type DuplicateGroupQuery,
  DuplicateGroupsDocument,
  type DuplicateGroupsQuery,
  type DuplicateState,
  ServicesDocument,
} from '../generated.js';
import type { PairLikeness } from './address.js';

const PAGE_SIZE = 20;
/** How often it is asked how far the comparison of entries is. */
const PROGRESS_MS = 2000;

type Page = NonNullable<DuplicateGroupsQuery['duplicateGroups']>;

/** A group as lists show it. */
export type Group = Page['nodes'][number];

/** A group with all that is known of its members. */
export type WholeGroup = Extract<DuplicateGroupQuery['node'], { members: unknown }>;

export type Member = WholeGroup['members'][number];

/** That the imgcache behind the gateway makes no groups. */
export class NoGroups extends Error {}

/** Groups page by page: open ones the surest first, decided ones the newest decision first. */
export function useGroups(state: DuplicateState, likeness: PairLikeness) {
  return usePages<Page>({
    queryKey: ['duplicates', 'pages', state, likeness],
    initialPageParam: null,
    queryFn: async ({ pageParam, signal }) => {
      const variables = { state, likeness, first: PAGE_SIZE, after: pageParam as string | null };
      const { duplicateGroups } = await ask(DuplicateGroupsDocument, variables, { signal });
      if (!duplicateGroups) throw new NoGroups('A remote imgcache has no groups of duplicates.');
      return duplicateGroups;
    },
    getNextPageParam: ({ pageInfo: { hasNextPage, endCursor } }) => (hasNextPage ? endCursor : null),
  });
}

/** What was read of a list so far. */
export function groupsIn(data: InfiniteData<Page> | undefined): Group[] {
  return data?.pages.flatMap(({ nodes }) => nodes) ?? [];
}

/** How many groups there are; null while that is not known. */
export function useGroupCount(state: DuplicateState, likeness: PairLikeness): number | null {
  const { data } = useQuery({
    queryKey: ['duplicates', 'count', state, likeness],
    queryFn: async ({ signal }) =>
      (await ask(DuplicateCountDocument, { state, likeness }, { signal })).duplicateGroups?.totalCount ??
      null,
  });
  return data ?? null;
}

function queryOfGroup(id: string) {
  return {
    queryKey: ['duplicates', 'one', id],
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<WholeGroup | null> => {
      const { node } = await ask(DuplicateGroupDocument, { id }, { signal });
      return node && isGroup(node) ? node : null;
    },
  };
}

function isGroup(node: NonNullable<DuplicateGroupQuery['node']>): node is WholeGroup {
  return 'members' in node;
}

/** One group: null where there is none of this id. */
export function useGroup(id: string) {
  return useQuery(queryOfGroup(id));
}

/** Reads a group before it is shown. */
export function prefetchGroup(id: string): Promise<WholeGroup | null> {
  return queryClient.fetchQuery({ ...queryOfGroup(id), staleTime: 30_000 });
}

/**
 * What imgcache says while not all entries are compared yet; null once they are. The list is read anew then.
 * @param shown how many groups the list shows: one that fills no page grows meanwhile, a longer one would move below the pointer
 */
export function useProgress(shown: number): string | null {
  const { data } = useQuery({
    queryKey: ['duplicates', 'progress'],
    staleTime: 0,
    queryFn: async ({ signal }) => {
      const { services } = await ask(ServicesDocument, undefined, { signal });
      return services.find(({ name }) => name === 'IMGCACHE')?.message ?? null;
    },
    refetchInterval: ({ state }) => (state.data === null ? false : PROGRESS_MS),
  });
  const message = data ?? null;
  const before = useRef<string | null>(null);
  useEffect(() => {
    if (before.current === message) return;
    if (before.current !== null && (message === null || shown < PAGE_SIZE))
      void queryClient.invalidateQueries({ queryKey: ['duplicates'], predicate: isNotProgress });
    before.current = message;
  }, [message, shown]);
  return message;
}

function isNotProgress({ queryKey }: { queryKey: readonly unknown[] }): boolean {
  return queryKey[1] !== 'progress';
}

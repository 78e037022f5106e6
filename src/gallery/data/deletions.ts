import type { InfiniteData } from '@tanstack/query-core';
import { count } from '../shell/units.js';
import { queryClient } from './query-client.js';
import { doSoon } from './soon.js';

export interface Deletion {
  /** Of the tiles that it takes away. */
  ids: readonly string[];
  /** Such as `Deletes`. */
  verb: string;
  /** The beginning of the keys of all queries that know of them. */
  queryKey: readonly string[];
  /** The id of the tile that an item of a list becomes. */
  idOf(item: never): string;
  /** @throws what says why it was not done */
  send(): Promise<void>;
}

/** Takes pictures out of all lists, and deletes them a while later. */
export function deleteSoon(deletion: Deletion): void {
  const { ids, verb, send } = deletion;
  doSoon({
    ids,
    text: `${verb} ${count(ids.length, 'picture')}`,
    async send() {
      await send();
      await forgetDeleted(deletion);
    },
  });
}

/** Takes what is deleted out of the lists that were read, which are not read anew: they may be long. All else is. */
export async function forgetDeleted({
  ids,
  queryKey,
  idOf,
}: Pick<Deletion, 'ids' | 'queryKey' | 'idOf'>): Promise<void> {
  const gone = new Set(ids);
  const isList = (query: { queryKey: readonly unknown[] }) => query.queryKey.includes('pages');
  queryClient.setQueriesData<InfiniteData<{ nodes: never[] }>>(
    { queryKey, predicate: isList },
    (data) =>
      data && {
        ...data,
        pages: data.pages.map((page) => ({
          ...page,
          nodes: page.nodes.filter((item) => !gone.has(idOf(item))),
        })),
      },
  );
  await queryClient.invalidateQueries({ queryKey, predicate: (query) => !isList(query) });
}

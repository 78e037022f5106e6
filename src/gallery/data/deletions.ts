import { signal } from '@preact/signals';
import type { InfiniteData } from '@tanstack/query-core';
import { toast } from '../shell/toasts.js';
import { count } from '../shell/units.js';
import { wordsOf } from './graph.js';
import { queryClient } from './query-client.js';

/** There is no bin: what is deleted is gone. So a deletion is sent after this time only, until which it can be undone. */
const DELAY_MS = 10_000;

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

interface Pending {
  deletion: Deletion;
  timer: ReturnType<typeof setTimeout>;
  closeToast(): void;
}

let pending: readonly Pending[] = [];

/** The tiles that are about to be deleted: lists leave them out. */
export const hidden = signal<ReadonlySet<string>>(new Set());

// What nobody undid is done, also when the page goes away before its time.
addEventListener('pagehide', () => {
  for (const each of pending) void commit(each);
});

/** Takes pictures out of all lists, and deletes them a while later, or when the page is left. */
export function deleteSoon(deletion: Deletion): void {
  const { ids, verb } = deletion;
  const each: Pending = {
    deletion,
    timer: setTimeout(() => void commit(each), DELAY_MS),
    closeToast: toast({
      text: `${verb} ${count(ids.length, 'picture')} in 10 seconds, or when you leave this page. There is no bin.`,
      action: { label: 'Undo', run: () => undo(each) },
      milliseconds: DELAY_MS,
    }),
  };
  pending = [...pending, each];
  hide();
}

/** Undoes the last deletion that was not sent yet. */
export function undoLast(): void {
  const last = pending.at(-1);
  if (last) undo(last);
  else toast({ text: 'There is nothing to undo.' });
}

function undo(each: Pending): void {
  settle(each);
  hide();
  toast({ text: 'Nothing was deleted.', milliseconds: 3000 });
}

async function commit(each: Pending): Promise<void> {
  const { send, queryKey } = each.deletion;
  clearTimeout(each.timer);
  each.closeToast();
  try {
    await send();
    takeOut(each.deletion);
    const isList = (key: readonly unknown[]) => key.includes('pages');
    await queryClient.invalidateQueries({ queryKey, predicate: (query) => !isList(query.queryKey) });
  } catch (error) {
    toast({ text: `Not deleted: ${wordsOf(error)}`, milliseconds: DELAY_MS });
  }
  settle(each);
  hide();
}

/** Takes what is deleted out of the lists that were read, which are not read anew: they may be long. */
function takeOut({ ids, queryKey, idOf }: Deletion): void {
  const gone = new Set(ids);
  queryClient.setQueriesData<InfiniteData<{ nodes: never[] }>>(
    { queryKey, predicate: (query) => query.queryKey.includes('pages') },
    (data) =>
      data && {
        ...data,
        pages: data.pages.map((page) => ({
          ...page,
          nodes: page.nodes.filter((item) => !gone.has(idOf(item))),
        })),
      },
  );
}

function settle(each: Pending): void {
  clearTimeout(each.timer);
  each.closeToast();
  pending = pending.filter((other) => other !== each);
}

function hide(): void {
  hidden.value = new Set(pending.flatMap(({ deletion }) => deletion.ids));
}

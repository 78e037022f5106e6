import { signal } from '@preact/signals';
import { toast } from '../shell/toasts.js';
import { wordsOf } from './graph.js';
import { canUndo } from './undo.js';

/** There is no bin: what is deleted is gone. So a deletion is sent after this time only, until which it can be undone. */
const DELAY_MS = 10_000;

/** Something that deletes pictures. */
export interface Soon {
  /** Such as `Deletes 3 pictures`. */
  text: string;
  /** The ids of the tiles that it takes away. */
  ids: readonly string[];
  /** @throws what says why it was not done */
  send(): Promise<void>;
  /** Called when it is sure that it is not done: somebody undid it, or it failed. */
  onNotDone?(): void;
}

interface Pending {
  soon: Soon;
  timer: ReturnType<typeof setTimeout>;
  closeToast(): void;
  forget(): void;
  /** From here on it is too late to undo it. */
  isSent: boolean;
}

let pending: readonly Pending[] = [];

/** The tiles that are about to be deleted: lists leave them out. */
export const hidden = signal<ReadonlySet<string>>(new Set());

// What nobody undid is done, also when the page goes away before its time.
addEventListener('pagehide', () => {
  for (const each of pending) void commit(each);
});

/** Takes pictures out of all lists, and deletes them a while later, or when the page is left. Gives what undoes that. */
export function doSoon(soon: Soon): () => void {
  const undo = () => takeBack(each);
  const each: Pending = {
    soon,
    timer: setTimeout(() => void commit(each), DELAY_MS),
    closeToast: toast({
      text: `${soon.text} in 10 seconds, or when you leave this page. There is no bin.`,
      action: { label: 'Undo', run: undo },
      milliseconds: DELAY_MS,
    }),
    forget: canUndo(undo),
    isSent: false,
  };
  pending = [...pending, each];
  hide();
  return undo;
}

function takeBack(each: Pending): void {
  if (each.isSent || !pending.includes(each)) return;
  settle(each);
  each.soon.onNotDone?.();
  toast({ text: 'Nothing was deleted.', milliseconds: 3000 });
}

async function commit(each: Pending): Promise<void> {
  if (each.isSent) return;
  each.isSent = true;
  clearTimeout(each.timer);
  each.closeToast();
  each.forget();
  try {
    await each.soon.send();
  } catch (error) {
    each.soon.onNotDone?.();
    toast({ text: `Not deleted: ${wordsOf(error)}`, milliseconds: DELAY_MS });
  }
  settle(each);
}

function settle(each: Pending): void {
  clearTimeout(each.timer);
  each.closeToast();
  each.forget();
  pending = pending.filter((other) => other !== each);
  hide();
}

function hide(): void {
  hidden.value = new Set(pending.flatMap(({ soon }) => soon.ids));
}

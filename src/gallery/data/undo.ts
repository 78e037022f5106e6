import { toast } from '../shell/toasts.js';

/** What can be taken back, the last thing last. */
let undoable: readonly (() => void)[] = [];

/** Lets Ctrl+Z take something back. Gives what ends that, as when it is too late. */
export function canUndo(run: () => void): () => void {
  undoable = [...undoable, run];
  return () => {
    undoable = undoable.filter((other) => other !== run);
  };
}

/** Takes back the last thing that can be. */
export function undoLast(): void {
  const last = undoable.at(-1);
  if (last) last();
  else toast({ text: 'There is nothing to undo.' });
}

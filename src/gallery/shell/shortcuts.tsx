import { useLayoutEffect } from 'preact/hooks';
import { Dialog, isDialogOpen, openDialog } from './dialog.js';

/** What keys do, as the help lists it. */
const SHORTCUTS: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'Search'],
  ['← → ↑ ↓', 'Move among the pictures'],
  ['Home End', 'First and last picture'],
  ['Enter', 'Open the picture'],
  ['Esc', 'Back; out of a search, a dialog, a selection'],
  ['x', 'Mark, or unmark'],
  ['Shift + arrows', 'Mark a range'],
  ['Ctrl + A', 'Mark all that are loaded'],
  ['s', 'Look-alikes of the picture'],
  ['c', 'Add to a collection'],
  ['Del', 'Delete, or take out of the collection'],
  ['Ctrl + Z', 'Undo the last deletion, or verdict on duplicates'],
  ['+ − 0', 'Zoom in, out, fit, where a picture is open'],
  ['Ctrl + V', 'Look-alikes of the picture in the clipboard'],
  ['?', 'This list'],
];

/** The same in a group of duplicates. */
const OF_DUPLICATES: typeof SHORTCUTS = [
  ['Space or f', 'Flip between the two pictures in one place'],
  ['← →', 'Compare the next, or the one before, of more than two'],
  ['x', 'Swap the two'],
  ['1 … 9', 'Keep this picture alone'],
  ['Shift + 1 … 9', 'Keep this picture too, or not'],
  ['k', 'Decide: keep what is ticked, delete the others'],
  ['a', 'Decide: keep all'],
  ['n', 'Decide: no duplicates'],
  ['j', 'The next group, without deciding'],
  ['Backspace', 'The group before'],
  ['Esc', 'All groups'],
];

/** Calls a function for keys that are pressed outside of fields and dialogs. */
export function useShortcuts(run: (pressed: string, event: KeyboardEvent) => void): void {
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isDialogOpen() || isTyping(event.target)) return;
      const control = event.ctrlKey || event.metaKey;
      if (event.altKey || (control && event.key.toLowerCase() !== 'z')) return;
      run(control ? 'undo' : event.key, event);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  });
}

/** Fields that take arrows and the space bar alone. */
const WITHOUT_TEXT = '[type=checkbox], [type=radio], [type=range]';

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches(`input:not(${WITHOUT_TEXT}), textarea, select, summary`);
}

export function openHelp(): void {
  openDialog(() => (
    <Dialog title="Keys">
      <KeyList shortcuts={SHORTCUTS} />
      <h3>In a group of duplicates</h3>
      <KeyList shortcuts={OF_DUPLICATES} />
    </Dialog>
  ));
}

function KeyList({ shortcuts }: { shortcuts: typeof SHORTCUTS }) {
  return (
    <dl class="keys">
      {shortcuts.map(([keys, what]) => (
        <div key={keys}>
          <dt>
            <kbd>{keys}</kbd>
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  );
}

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
  ['Ctrl + Z', 'Undo the last deletion'],
  ['+ − 0', 'Zoom in, out, fit, where one picture is open'],
  ['Ctrl + V', 'Look-alikes of the picture in the clipboard'],
  ['?', 'This list'],
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

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input:not([type=checkbox]), textarea, select, summary');
}

export function openHelp(): void {
  openDialog(() => (
    <Dialog title="Keys">
      <dl class="keys">
        {SHORTCUTS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  ));
}

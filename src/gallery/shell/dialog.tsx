import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { wordsOf } from '../data/graph.js';
import { Icon } from './icon.js';

/** The dialog that is open; null for none. */
const opened = signal<(() => ComponentChildren) | null>(null);

/** Opens a dialog, in place of another one. It is to be a `Dialog`. */
export function openDialog(render: () => ComponentChildren): void {
  opened.value = render;
}

export function closeDialog(): void {
  opened.value = null;
}

export const isDialogOpen = () => opened.value !== null;

/** The place of dialogs in the page. */
export function OpenDialog() {
  return <>{opened.value?.()}</>;
}

interface DialogProps {
  title: string;
  children: ComponentChildren;
  /** What its button says and does; it closes when that is done, and says why when it fails. */
  confirm?: { label: string; danger?: boolean; disabled?: boolean; run(): Promise<unknown> | unknown };
}

/** A modal dialog of the browser: Esc closes it, and what had the focus gets it back. */
export function Dialog({ title, children, confirm }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!confirm || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await confirm.run();
      if (element.current?.isConnected) closeIfOpen(element.current);
    } catch (error) {
      setProblem(wordsOf(error));
    }
    setBusy(false);
  };
  return (
    <dialog ref={element} class="dialog" aria-labelledby={id} onClose={closeDialog}>
      <form onSubmit={(event) => void submit(event)}>
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={closeDialog}>
            <Icon name="close" />
          </button>
        </header>
        <div class="content">{children}</div>
        <p class="problem" role="alert">
          {problem}
        </p>
        {confirm && (
          <footer>
            <button type="button" class="button" onClick={closeDialog}>
              Cancel
            </button>
            <button
              type="submit"
              class={`button ${confirm.danger ? 'danger' : 'primary'}`}
              disabled={busy || confirm.disabled}
            >
              {busy ? 'Working…' : confirm.label}
            </button>
          </footer>
        )}
      </form>
    </dialog>
  );
}

/** What was done may have opened another dialog, which stays. */
function closeIfOpen(element: HTMLDialogElement): void {
  if (element.open) closeDialog();
}

import { signal } from '@preact/signals';
import { Icon } from './icon.js';

export interface ToastContent {
  text: string;
  /** What can be done about it. */
  action?: { label: string; run(): void };
  /** How long it stays. */
  milliseconds?: number;
}

interface Toast extends ToastContent {
  id: number;
}

const USUAL_MS = 6000;

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** Says something for a while, to eyes and to screen readers. Gives what takes it away. */
export function toast(content: ToastContent): () => void {
  const id = ++lastId;
  const close = () => {
    toasts.value = toasts.value.filter((other) => other.id !== id);
  };
  toasts.value = [...toasts.value.slice(-3), { ...content, id }];
  setTimeout(close, content.milliseconds ?? USUAL_MS);
  return close;
}

const spoken = signal('');

/** Says something to screen readers alone, such as how many pictures a search found. */
export function announce(text: string): void {
  spoken.value = text;
}

export function Toasts() {
  return (
    <>
      <div class="visually-hidden" role="status">
        {spoken.value}
      </div>
      <div class="toasts" role="status">
        {toasts.value.map(({ id, text, action }) => (
          <div class="toast" key={id}>
            <span>{text}</span>
            {action && (
              <button
                type="button"
                class="button on-dark"
                onClick={() => {
                  toasts.value = toasts.value.filter((other) => other.id !== id);
                  action.run();
                }}
              >
                {action.label}
              </button>
            )}
            <button
              type="button"
              class="icon-button on-dark"
              aria-label="Close"
              onClick={() => {
                toasts.value = toasts.value.filter((other) => other.id !== id);
              }}
            >
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
    </>
  );
}

import type { CallScope, CallSignal } from '../services/call-signal.js';

type Listener = EventListenerOrEventListenerObject;

/**
 * A light AbortSignal and its controller in one. One of Node takes as long to make as a tenth of a small request, and each
 * request needs several; this one takes no time worth counting. To those who ask whether it is aborted, and why, or who
 * listen to it, it behaves as Node's does.
 */
export class LightSignal implements CallSignal {
  readonly scope: CallScope | null;
  aborted = false;
  // biome-ignore lint/suspicious/noExplicitAny: as in AbortSignal.
  reason: any = undefined;
  onabort: AbortSignal['onabort'] = null;
  #listeners: Listener[] | null = null;

  constructor(scope: CallScope | null = null) {
    this.scope = scope;
  }

  /** A signal that aborts with the first of the others, and for the same reason. */
  static following(others: readonly AbortSignal[], scope: CallScope | null = null): LightSignal {
    const signal = new LightSignal(scope);
    for (const other of others) {
      other.addEventListener('abort', () => signal.abort(other.reason), { once: true });
      if (other.aborted) signal.abort(other.reason);
    }
    return signal;
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** A listener that is added to an aborted signal is never called. */
  addEventListener(type: string, listener: Listener | null, _options?: unknown): void {
    if (type !== 'abort' || !listener || this.aborted) return;
    this.#listeners ??= [];
    if (!this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(type: string, listener: Listener | null): void {
    const index = type === 'abort' && listener && this.#listeners ? this.#listeners.indexOf(listener) : -1;
    if (index >= 0) this.#listeners!.splice(index, 1);
  }

  dispatchEvent(event: Event): boolean {
    this.onabort?.call(this, event);
    // One that is told may remove others.
    for (let next = this.#listeners?.shift(); next; next = this.#listeners?.shift())
      if (typeof next === 'function') next.call(this, event);
      else next.handleEvent(event);
    return true;
  }

  /** The first time only. Without a reason it is an AbortError. */
  abort(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event('abort'));
  }
}

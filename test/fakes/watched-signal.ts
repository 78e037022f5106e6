import { CallSignal } from '#src/request/call-signal.js';

/** Knows who listens to it: whoever has ended must not. */
export class WatchedSignal extends CallSignal {
  readonly #listening = new Set<unknown>();

  get listeners(): number {
    return this.#listening.size;
  }

  override addEventListener(...args: Parameters<CallSignal['addEventListener']>): void {
    this.#listening.add(args[1]);
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<CallSignal['removeEventListener']>): void {
    this.#listening.delete(args[1]);
    super.removeEventListener(...args);
  }
}

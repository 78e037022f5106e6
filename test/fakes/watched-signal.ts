import { LightSignal } from '#src/request/light-signal.js';
import type { CallScope } from '#src/services/call-signal.js';
import { callScope } from './call-scope.js';

/** The signal of a request, which knows who listens to it: whoever has ended must not. */
export class WatchedSignal extends LightSignal {
  readonly #listening = new Set<unknown>();

  constructor(scope: CallScope = callScope()) {
    super(scope);
  }

  get listeners(): number {
    return this.#listening.size;
  }

  override addEventListener(...args: Parameters<LightSignal['addEventListener']>): void {
    this.#listening.add(args[1]);
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<LightSignal['removeEventListener']>): void {
    this.#listening.delete(args[1]);
    super.removeEventListener(...args);
  }
}

import { setImmediate } from 'node:timers/promises';
import type { Changes, Position } from '../store/rows.js';
import type { FollowedCopy } from './followed-copy.js';

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
  /** Called once it does not wait any more. */
  leave(): void;
}

/** Brings a copy up to date with the rows for those who ask, one read of changes at a time for all of them. */
export class Follower<Row> {
  readonly #copy: FollowedCopy<Row>;
  readonly #changes: (after: Position | null) => Promise<Changes<Row>>;
  readonly #waiting = new Set<Waiter>();
  #running = false;

  constructor(copy: FollowedCopy<Row>, changes: (after: Position | null) => Promise<Changes<Row>>) {
    this.#copy = copy;
    this.#changes = changes;
  }

  /** Resolves when the copy holds all that was committed before the call. */
  async follow(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = () => this.#settle([waiter], () => reject(signal.reason));
      const waiter: Waiter = {
        resolve,
        reject,
        leave: () => signal.removeEventListener('abort', abort),
      };
      signal.addEventListener('abort', abort);
      this.#waiting.add(waiter);
      if (!this.#running) void this.#run();
    });
  }

  /** Reads on while somebody waits: those who asked before a round's last read began have what they asked for. */
  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0) {
      const asked = [...this.#waiting];
      try {
        const changes = await this.#changes(this.#copy.position);
        this.#copy.take(changes);
        if (changes.more) await setImmediate();
        else this.#settle(asked, (waiter) => waiter.resolve());
      } catch (error) {
        this.#settle(asked, (waiter) => waiter.reject(error));
      }
    }
    this.#running = false;
  }

  #settle(waiters: readonly Waiter[], settle: (waiter: Waiter) => void): void {
    for (const waiter of waiters) {
      this.#waiting.delete(waiter);
      waiter.leave();
      settle(waiter);
    }
  }
}

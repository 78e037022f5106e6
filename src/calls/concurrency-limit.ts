import { Fault } from './fault.js';

/** Bounds how many calls run at a time, and how many others may wait; these run in the order of their arrival. */
export class ConcurrencyLimit {
  readonly #maxRunning: number;
  readonly #maxQueued: number;
  /** An array, since a Set would keep them after they have gone: see InFlight. */
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(maxRunning: number, maxQueued: number) {
    this.#maxRunning = maxRunning;
    this.#maxQueued = maxQueued;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** @returns whether the call may run now; it then owes a `leave()` */
  tryEnter(): boolean {
    if (this.#running >= this.#maxRunning) return false;
    this.#running++;
    return true;
  }

  /**
   * Resolves when the call may run; it then owes a `leave()`.
   * @throws Fault QUEUE_FULL, or the signal's reason when it is aborted while waiting
   */
  wait(signal: AbortSignal): Promise<void> {
    if (this.#queue.length >= this.#maxQueued) throw new Fault('QUEUE_FULL');
    return new Promise<void>((resolve, reject) => {
      const admit = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#queue.splice(this.#queue.indexOf(admit), 1);
        reject(signal.reason);
      };
      this.#queue.push(admit);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  leave(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#running--;
  }
}

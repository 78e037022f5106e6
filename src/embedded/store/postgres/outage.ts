import { isOutage } from './errors.js';

/** Told when the database cannot be used, with the first error that said so, and with null when it can be again. */
export type OnDatabaseOutage = (outage: { error: unknown } | null) => void;

/** Without a failure for so long the outage is over: while a database comes up, or has too few connections, some work succeeds. */
const QUIET_MS = 5000;

/** Makes one outage of the many failures in it. */
export class OutageWatch {
  readonly #onOutage: OnDatabaseOutage | undefined;
  readonly #now: () => number;
  #lastFailure: number | null = null;

  /** @param now in milliseconds */
  constructor(onOutage: OnDatabaseOutage | undefined, now = () => performance.now()) {
    this.#onOutage = onOutage;
    this.#now = now;
  }

  /** Takes what a connection or a statement failed with. */
  failed(error: unknown): void {
    if (!isOutage(error)) return;
    const begins = this.#lastFailure === null;
    this.#lastFailure = this.#now();
    if (begins) this.#onOutage?.({ error });
  }

  /** Takes that a statement was run. */
  succeeded(): void {
    if (this.#lastFailure === null || this.#now() - this.#lastFailure < QUIET_MS) return;
    this.#lastFailure = null;
    this.#onOutage?.(null);
  }
}

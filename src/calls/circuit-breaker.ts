/** CLOSED: calls go out. OPEN: none does. HALF_OPEN: one goes out, and decides. */
export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** The leave to make one call; how it went is told back. */
export interface Permit {
  succeeded(): void;
  /** The service was not reached, took too long or had an error of its own. */
  failed(): void;
  /** The call ended for a reason that says nothing about the service. */
  abandoned(): void;
}

const MAX_FAILURES = 5;
const OPEN_MS = 5_000;

/** Spares a service that fails call after call, and those who would wait for it. */
export class CircuitBreaker {
  /** For a call while it is closed, and for the one that decides. */
  readonly #ordinary = this.#permit(false);
  readonly #probe = this.#permit(true);
  readonly #onChange: ((state: 'OPEN' | 'CLOSED') => void) | undefined;
  #failures = 0;
  #openedAt: number | null = null;
  #probing = false;

  /** @param onChange told when it opens first, and when it closes again */
  constructor(onChange?: (state: 'OPEN' | 'CLOSED') => void) {
    this.#onChange = onChange;
  }

  get state(): BreakerState {
    if (this.#openedAt === null) return 'CLOSED';
    return performance.now() - this.#openedAt < OPEN_MS ? 'OPEN' : 'HALF_OPEN';
  }

  /** Whether a call would get no permit now. */
  get refuses(): boolean {
    const { state } = this;
    return state === 'OPEN' || (state === 'HALF_OPEN' && this.#probing);
  }

  /** Null when the call must not go out. */
  enter(): Permit | null {
    if (this.#openedAt === null) return this.#ordinary;
    if (this.refuses) return null;
    this.#probing = true;
    return this.#probe;
  }

  #permit(isProbe: boolean): Permit {
    return {
      succeeded: () => {
        const closes = this.#openedAt !== null;
        this.#failures = 0;
        this.#openedAt = null;
        this.#probing = false;
        if (closes) this.#onChange?.('CLOSED');
      },
      failed: () => {
        if (this.state === 'CLOSED') this.#failures++;
        // A call that started before the breaker opened has no say in when it opens again.
        const opens = this.state === 'CLOSED' ? this.#failures >= MAX_FAILURES : isProbe;
        const wasClosed = this.#openedAt === null;
        if (opens) this.#openedAt = performance.now();
        if (isProbe) this.#probing = false;
        if (opens && wasClosed) this.#onChange?.('OPEN');
      },
      abandoned: () => {
        if (isProbe) this.#probing = false;
      },
    };
  }
}

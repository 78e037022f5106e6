/** CLOSED: calls are sent. OPEN: none is. HALF_OPEN: one is sent as a probe, which closes or opens it again. */
export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** Lets one call be sent; its owner reports how that went. */
export interface Permit {
  succeeded(): void;
  /** Reports that the service was not reached, took too long or had an error of its own. */
  failed(): void;
  /** Reports that the call ended for a reason that says nothing about the service. */
  abandoned(): void;
}

const MAX_FAILURES = 5;
const OPEN_MS = 5_000;

/**
 * Refuses calls to a service for 5 seconds once 5 in a row have failed: that spares the service, and those who would wait
 * for it.
 */
export class CircuitBreaker {
  readonly #ordinary = this.#permit(false);
  /** The permit of the one call while the breaker is half open. */
  readonly #probe = this.#permit(true);
  readonly #onChange: ((state: 'OPEN' | 'CLOSED') => void) | undefined;
  #failures = 0;
  #openedAt: number | null = null;
  #probing = false;

  /** @param onChange called when the breaker opens, and when it closes again */
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

  /** The permit for a call; null when it must not be sent. */
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

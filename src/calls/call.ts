import type { Span } from '@opentelemetry/api';
import { LightSignal } from '../request/light-signal.js';
import type { CallSignal } from '../services/call-signal.js';
import type { Timed } from './deadlines.js';
import { Fault } from './fault.js';

export interface CallOptions {
  timeoutMs: number;
  /** Whether making the call twice is the same as making it once. */
  repeatable: boolean;
  /** The caller's signal. */
  signal: CallSignal | undefined;
  /** The span of the call, where calls are traced. */
  span: Span | undefined;
}

/** A call to a service: its deadline joined with its caller's signal, and how far it got. */
export class Call implements Timed {
  readonly repeatable: boolean;
  /** The id of the request to the gateway that the call is made for. */
  readonly requestId: string | undefined;
  readonly span: Span | undefined;
  /** Ends the call; its reason is a Fault, or that of the caller's signal. */
  readonly signal: LightSignal;
  tries = 0;
  /** How often the request reached a connection. */
  timesSent = 0;
  /** By performance.now(); Infinity once only the caller ends the call. */
  endsAt: number;
  readonly #startedAt = performance.now();
  readonly #timeoutMs: number;
  readonly #callerSignal: CallSignal | undefined;

  constructor({ timeoutMs, repeatable, signal, span }: CallOptions) {
    this.repeatable = repeatable;
    this.span = span;
    this.#timeoutMs = timeoutMs;
    this.endsAt = this.#startedAt + timeoutMs;
    this.#callerSignal = signal;
    const scope = signal?.scope ?? null;
    if (scope) scope.serviceCalls++;
    this.requestId = scope?.id;
    this.signal = new LightSignal(scope);
    signal?.addEventListener('abort', this.#obeyCaller, { once: true });
    if (signal?.aborted) this.#obeyCaller();
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  get remainingMs(): number {
    return this.endsAt - performance.now();
  }

  abort(fault: Fault): void {
    this.signal.abort(fault);
  }

  /** Begins the deadline anew, for a call that gets on and may take as long as its size needs. */
  renewDeadline(): void {
    if (this.endsAt < Number.POSITIVE_INFINITY) this.endsAt = performance.now() + this.#timeoutMs;
  }

  /** Ends the deadline: from here on only the caller ends the call. */
  liftDeadline(): void {
    this.endsAt = Number.POSITIVE_INFINITY;
  }

  /** Lets go of deadline and caller, once the call is over. */
  detach(): void {
    this.liftDeadline();
    this.#callerSignal?.removeEventListener('abort', this.#obeyCaller);
  }

  /** Ends the call at its deadline. */
  expire(): void {
    const kind = this.tries === 0 ? 'QUEUED_TOO_LONG' : 'TIMEOUT';
    this.abort(new Fault(kind, { detail: `${this.#timeoutMs / 1000} s` }));
  }

  readonly #obeyCaller = () => this.signal.abort(this.#callerSignal?.reason);
}

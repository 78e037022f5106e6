import type { Span } from '@opentelemetry/api';
import { CallSignal } from '../request/call-signal.js';
import { requestOf } from '../request/gateway-request.js';
import { Fault } from './fault.js';

export interface CallOptions {
  timeoutMs: number;
  /** Making the call twice is the same as making it once. */
  repeatable: boolean;
  /** The caller's. */
  signal: AbortSignal | undefined;
  /** Where calls are traced. */
  span: Span | undefined;
}

/** One call: its deadline joined with its caller's signal, and how far it got. */
export class Call {
  readonly repeatable: boolean;
  /** Of the request to the gateway that it is made for. */
  readonly requestId: string | undefined;
  readonly span: Span | undefined;
  /** Its reason is a Fault, or the caller's own. */
  readonly signal = new CallSignal();
  tries = 0;
  /** How often the request reached a connection. */
  timesSent = 0;
  readonly #startedAt = performance.now();
  #timedFrom = this.#startedAt;
  #isTimed = true;
  readonly #timeoutMs: number;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #deadline: NodeJS.Timeout;

  constructor({ timeoutMs, repeatable, signal, span }: CallOptions) {
    this.repeatable = repeatable;
    this.span = span;
    this.#timeoutMs = timeoutMs;
    this.#callerSignal = signal;
    const request = requestOf(signal);
    if (request) request.serviceCalls++;
    this.requestId = request?.id;
    this.#deadline = setTimeout(expire, timeoutMs, this);
    signal?.addEventListener('abort', this.#obeyCaller, { once: true });
    if (signal?.aborted) this.#obeyCaller();
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  get remainingMs(): number {
    return this.#timeoutMs - (performance.now() - this.#timedFrom);
  }

  abort(fault: Fault): void {
    this.signal.abort(fault);
  }

  /** It gets on, by as much as its size allows: its time begins anew. */
  renewDeadline(): void {
    if (!this.#isTimed) return;
    this.#timedFrom = performance.now();
    this.#deadline.refresh();
  }

  /** From here on only the caller ends the call. */
  liftDeadline(): void {
    this.#isTimed = false;
    clearTimeout(this.#deadline);
  }

  /** Nothing ends the call any more. */
  detach(): void {
    this.liftDeadline();
    this.#callerSignal?.removeEventListener('abort', this.#obeyCaller);
  }

  /** Its time is over. */
  expire(): void {
    const kind = this.tries === 0 ? 'QUEUED_TOO_LONG' : 'TIMEOUT';
    this.abort(new Fault(kind, { detail: `${this.#timeoutMs / 1000} s` }));
  }

  readonly #obeyCaller = () => this.signal.abort(this.#callerSignal?.reason);
}

function expire(call: Call): void {
  call.expire();
}

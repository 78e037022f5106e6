import type { Readable } from 'node:stream';
import { type Span, SpanKind, type Tracer } from '@opentelemetry/api';
import { failSpan } from '../request/spans.js';
import type { CallSignal } from '../services/call-signal.js';
import { OverdueError, ServiceError, type ServiceErrorCode } from '../services/errors.js';
import { StorageError } from '../services/storage-error.js';
import { Call } from './call.js';
import { type BreakerState, CircuitBreaker, type Permit } from './circuit-breaker.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { Deadlines } from './deadlines.js';
import { explain, Fault } from './fault.js';
import { RecentCalls } from './recent-calls.js';
import { withRetries } from './retries.js';

/** The request of a call to the service. */
export interface CallRequest {
  method: string;
  /** Below the base URL, with the query. */
  path: string;
  /** Whether doing it twice is the same as doing it once. */
  repeatable: boolean;
}

export interface CallReport extends Pick<CallRequest, 'method' | 'path'> {
  /** The id of the request to the gateway that the call was made for. */
  requestId: string | undefined;
  /** ABORTED: given up on this side, by the caller or because the body of the request could not be read. */
  outcome: 'OK' | 'ABORTED' | ServiceErrorCode;
  /** The error that the caller got, with its causes; null where the outcome is OK. */
  error: unknown;
  durationMs: number;
  tries: number;
}

export interface ServiceStatus {
  breaker: BreakerState;
  /** Calls that run; a body that is handed out counts until it is read or destroyed. */
  running: number;
  /** Calls that wait for their turn. */
  queued: number;
  /** The calls of the last minute. Those that their caller gave up do not count; those that the service refused have not failed. */
  recentCalls: { total: number; failed: number };
}

export interface GuardOptions {
  /** The name of the service, in spans. */
  peer: string;
  /**
   * Tells the caller of a fault, which is the cause of the result.
   * @param harmless whether making the call once more cannot do its work twice
   */
  toError: (fault: Fault, harmless: boolean) => ServiceError | StorageError;
  maxConcurrent: number;
  maxQueued: number;
  timeoutMs: number;
  onCall?: ((report: CallReport) => void) | undefined;
  onBreaker?: ((state: 'OPEN' | 'CLOSED') => void) | undefined;
  tracer?: Tracer | undefined;
}

/** Runs the calls to one service or store, each within its deadline, the bound on concurrency and the circuit breaker. */
export class GuardedCalls {
  readonly #options: GuardOptions;
  readonly #limit: ConcurrencyLimit;
  readonly #breaker: CircuitBreaker;
  readonly #recent = new RecentCalls();
  readonly #calls = new Deadlines<Call>();

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#limit = new ConcurrencyLimit(options.maxConcurrent, options.maxQueued);
    this.#breaker = new CircuitBreaker(options.onBreaker);
  }

  /**
   * Makes a call, with as many tries as it may have.
   * @param bodyOf gives the stream that a result holds: the call then lasts until that is closed
   * @throws what `toError` makes of a fault, or what `describe` leaves as it is
   */
  async run<T>(
    { request, signal }: { request: CallRequest; signal: CallSignal | undefined },
    attempt: (call: Call) => Promise<T>,
    bodyOf: (result: T) => Readable | null = () => null,
  ): Promise<T> {
    const { repeatable } = request;
    const span = this.#startSpan(request);
    const call = new Call({ timeoutMs: this.#options.timeoutMs, repeatable, signal, span });
    this.#calls.add(call);
    let permit: Permit | null = null;
    let result: T;
    try {
      // A call that must not be sent need not wait for its turn.
      if (this.#breaker.refuses) throw new Fault('BREAKER_OPEN');
      call.signal.throwIfAborted();
      if (!this.#limit.tryEnter()) await this.#limit.wait(call.signal);
      permit = this.#enterBreaker();
      result = await withRetries(call, attempt);
    } catch (error) {
      const described = this.describe(error, call);
      this.#settle(request, call, permit, described);
      throw described;
    }
    const body = bodyOf(result);
    if (body) this.#follow(request, call, permit, body);
    else this.#settle(request, call, permit, null);
    return result;
  }

  /** The error for the caller: one with a Fault as its cause, the reason of its own signal, or a mistake on this side. */
  describe(error: unknown, call: Call): Error {
    const reason = call.signal.aborted ? call.signal.reason : explain(error, call.timesSent > 0);
    // The caller's own signal does not know whether the call may be made again.
    const harmless = call.repeatable || call.timesSent === 0;
    if (reason instanceof OverdueError) return new OverdueError(reason.service, harmless);
    const fault = isFailure(reason) ? reason.cause : reason;
    return fault instanceof Fault ? this.#options.toError(fault, harmless) : reason;
  }

  get status(): ServiceStatus {
    const { running, queued } = this.#limit;
    return { breaker: this.#breaker.state, running, queued, recentCalls: this.#recent.count() };
  }

  close(): void {
    for (const call of this.#calls) call.abort(new Fault('CLOSED'));
  }

  #enterBreaker(): Permit {
    const permit = this.#breaker.enter();
    if (permit) return permit;
    this.#limit.leave();
    throw new Fault('BREAKER_OPEN');
  }

  #startSpan({ method }: CallRequest): Span | undefined {
    const { peer, tracer } = this.#options;
    if (!tracer) return undefined;
    const attributes = { 'peer.service': peer, 'http.request.method': method };
    return tracer.startSpan(`${peer} ${method}`, { kind: SpanKind.CLIENT, attributes });
  }

  #follow(request: CallRequest, call: Call, permit: Permit, body: Readable): void {
    permit.succeeded();
    // The head of the response is enough for the breaker to close; how the body went is reported as of any other call.
    const rest = this.#breaker.enter()!;
    call.liftDeadline();
    call.signal.addEventListener('abort', () => body.destroy(this.describe(null, call)), { once: true });
    body.once('close', () => this.#settle(request, call, rest, body.errored));
  }

  #settle({ method, path }: CallRequest, call: Call, permit: Permit | null, error: unknown): void {
    call.detach();
    this.#calls.delete(call);
    if (permit) {
      this.#limit.leave();
      vote(permit, error);
    }
    const outcome = outcomeOf(error);
    if (outcome !== 'ABORTED') this.#recent.add(outcome !== 'OK' && outcome !== 'REFUSED');
    const { requestId, elapsedMs: durationMs, tries } = call;
    this.#options.onCall?.({ method, path, requestId, outcome, error, durationMs, tries });
    if (call.span) endSpan(call.span, outcome, tries);
  }
}

function endSpan(span: Span, outcome: CallReport['outcome'], tries: number): void {
  span.setAttributes({ 'lookalike.call.outcome': outcome, 'lookalike.call.tries': tries });
  if (outcome !== 'OK') failSpan(span, outcome);
  span.end();
}

/** Tells the circuit breaker how a call went. */
function vote(permit: Permit, error: unknown): void {
  const fault = isFailure(error) ? error.cause : null;
  const breakerVote = fault instanceof Fault ? fault.breakerVote : 'NONE';
  if (error === null || breakerVote === 'SUCCESS') permit.succeeded();
  else if (breakerVote === 'FAILURE') permit.failed();
  else permit.abandoned();
}

function outcomeOf(error: unknown): CallReport['outcome'] {
  if (error === null) return 'OK';
  return isFailure(error) ? error.code : 'ABORTED';
}

function isFailure(error: unknown): error is ServiceError | StorageError {
  return error instanceof ServiceError || error instanceof StorageError;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallScope, KeptRead } from '../services/call-signal.js';
import { OverdueError, type ServiceMode, type ServiceName } from '../services/errors.js';
import { LightSignal } from './light-signal.js';

/** The time of a request beyond the deadline of one call: calls that wait for each other add up. */
const MARGIN_MS = 1_000;

/** The deadline of requests, and of which services it ends the calls. */
export interface RequestDeadline {
  remotes: readonly ServiceName[];
  /** Of one call to a service, in milliseconds. */
  timeoutMs: number;
}

/** @param timeoutMs of one call to a service, in milliseconds */
export function requestDeadline(
  services: readonly { name: ServiceName; mode: ServiceMode }[],
  timeoutMs: number,
): RequestDeadline {
  return { remotes: services.filter(({ mode }) => mode === 'REMOTE').map(({ name }) => name), timeoutMs };
}

/** An operation of GraphQL, as the log and the metrics name it. */
export interface RunningOperation {
  kind: 'query' | 'mutation' | 'subscription';
  name: string | undefined;
  cost: number | undefined;
  /** By performance.now(). */
  startedAt: number;
}

type Signals = Partial<Record<ServiceName, LightSignal>>;

export interface RequestScopeOptions {
  /** The id of the request, here and in the services. */
  id: string;
  /** @default none: only the client ends the calls */
  deadline?: RequestDeadline | undefined;
}

/**
 * One request to the gateway: who asks for what, what its calls to services are known by, and what ends them. All faces
 * of the gateway make their calls with the signals of its scope.
 *
 * Its time is a second more than that of one call, and begins with the first call to a remote service or with the last
 * byte of the request, whichever is later. A call to a remote service that is then under way, or begun later, fails with
 * an OverdueError.
 */
export class RequestScope implements CallScope {
  readonly id: string;
  /** Who asks, where they have shown a key or a token. */
  caller: { scope: string | null; name?: string | undefined } | null = null;
  /** The operation of GraphQL that it asks for, once that is known. */
  operation: RunningOperation | null = null;
  serviceCalls = 0;
  readonly keptReads = new Map<object, Map<string, KeptRead>>();
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #deadline: RequestDeadline | undefined;
  readonly #reads: Signals = {};
  readonly #changes: Signals = {};
  #gone: LightSignal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasBegun = false;
  #isLifted = false;
  #isOver = false;

  constructor(req: IncomingMessage, res: ServerResponse, { id, deadline }: RequestScopeOptions) {
    this.id = id;
    this.#req = req;
    this.#res = res;
    this.#deadline = deadline;
  }

  /** Aborts when the client goes before it has the response, or has the response before the end of its own body. */
  get gone(): LightSignal {
    this.#gone ??= this.#watchClient();
    return this.#gone;
  }

  /** For reading from a service: aborts when the client has gone or the time is over. */
  reads(service: ServiceName): LightSignal {
    if (!this.#isTimed(service)) return this.gone;
    const known = this.#reads[service];
    if (known) return known;
    const { gone } = this;
    const signal = this.#signalOf(service, this.#reads);
    gone.addEventListener('abort', () => signal.abort(gone.reason), { once: true });
    if (gone.aborted) signal.abort(gone.reason);
    return signal;
  }

  /** For changing something, which goes on without the client: aborts when the time of a remote service is over. */
  changes(service: ServiceName): LightSignal {
    return this.#signalOf(service, this.#changes);
  }

  /** From here on only the client ends the calls. */
  liftDeadline(): void {
    this.#isLifted = true;
    clearTimeout(this.#timer);
  }

  #watchClient(): LightSignal {
    const gone = new LightSignal(this);
    const res = this.#res;
    // Only of a client that is gone: an abort makes an error with its stack, which takes a fifth of a small request.
    const onClose = () => (res.writableFinished && res.req.complete) || gone.abort();
    if (res.closed) onClose();
    else res.on('close', onClose);
    return gone;
  }

  #signalOf(service: ServiceName, signals: Signals): LightSignal {
    const known = signals[service];
    if (known) return known;
    const signal = new LightSignal(this);
    signals[service] = signal;
    if (this.#isTimed(service)) this.#begin();
    if (this.#isOver) this.#endOverdue(signals);
    return signal;
  }

  #isTimed(service: ServiceName): boolean {
    return this.#deadline?.remotes.includes(service) ?? false;
  }

  /** Begins the time of the request, unless that has begun. */
  #begin(): void {
    if (this.#hasBegun || !this.#deadline) return;
    this.#hasBegun = true;
    const { timeoutMs } = this.#deadline;
    const start = () => {
      if (!this.#isLifted && !this.#res.closed) this.#timer = setTimeout(this.#expire, timeoutMs + MARGIN_MS);
    };
    if (this.#req.complete) start();
    else this.#req.once('end', start);
    this.#res.on('close', () => clearTimeout(this.#timer));
  }

  readonly #expire = () => {
    this.#isOver = true;
    this.#endOverdue(this.#reads);
    this.#endOverdue(this.#changes);
  };

  #endOverdue(signals: Signals): void {
    for (const service of this.#deadline?.remotes ?? []) signals[service]?.abort(new OverdueError(service));
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { CallSignal } from './call-signal.js';
import { carryRequest, requestOf } from './gateway-request.js';
import { goneSignal } from './gone-signal.js';
import { Fault } from './http/fault.js';
import type { ServiceMode, ServiceName } from './service.js';

/** What a request may take beyond the deadline of one call: calls that wait for each other add up. */
const MARGIN_MS = 1_000;

type Signals = Map<ServiceName, CallSignal>;

/**
 * What ends the calls that a request makes. Its time begins when its last byte is there, and is a second more than that of
 * one call; a call to a remote service that is then under way, or begun later, fails with a ServiceError TIMEOUT.
 */
export class RequestSignals {
  /** Aborts when the client goes before it has its answer. */
  readonly gone: AbortSignal;
  readonly #remotes: readonly ServiceName[];
  readonly #reads: Signals = new Map();
  readonly #changes: Signals = new Map();
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    { remotes, timeoutMs }: { remotes: readonly ServiceName[]; timeoutMs: number },
  ) {
    this.gone = goneSignal(res);
    this.#remotes = remotes;
    if (remotes.length === 0) return;
    const begin = () => {
      if (!res.closed) this.#timer = setTimeout(this.#expire, timeoutMs + MARGIN_MS);
    };
    if (req.complete) begin();
    else req.once('end', begin);
    res.once('close', () => this.liftDeadline());
  }

  /** For reading from a service: aborts when the client is gone or the time is over. */
  reads(service: ServiceName): AbortSignal {
    if (!this.#remotes.includes(service)) return this.gone;
    if (this.#reads.size === 0) this.gone.addEventListener('abort', this.#endReads, { once: true });
    const signal = this.#signalOf(service, this.#reads);
    if (this.gone.aborted) this.#endReads();
    return signal;
  }

  /** For changing something, which goes on without the client: aborts when the time of a remote service is over. */
  changes(service: ServiceName): AbortSignal {
    return this.#signalOf(service, this.#changes);
  }

  /** From here on only the client ends the calls. */
  liftDeadline(): void {
    clearTimeout(this.#timer);
  }

  #signalOf(service: ServiceName, signals: Signals): CallSignal {
    const known = signals.get(service);
    if (known) return known;
    const signal = carryRequest(new CallSignal(), requestOf(this.gone));
    signals.set(service, signal);
    if (this.#isOver) this.#endOverdue(signals);
    return signal;
  }

  readonly #endReads = () => {
    for (const signal of this.#reads.values()) signal.abort(this.gone.reason);
  };

  readonly #expire = () => {
    this.#isOver = true;
    this.#endOverdue(this.#reads);
    this.#endOverdue(this.#changes);
  };

  #endOverdue(signals: Signals): void {
    for (const [service, signal] of signals)
      if (this.#remotes.includes(service)) signal.abort(new Fault('OVERDUE').toServiceError(service, true));
  }
}

export type SignalsOf = (req: IncomingMessage, res: ServerResponse) => RequestSignals;

/** @param timeoutMs of one call to a service */
export function createSignals(
  services: readonly { name: ServiceName; mode: ServiceMode }[],
  timeoutMs: number,
): SignalsOf {
  const remotes = services.filter(({ mode }) => mode === 'REMOTE').map(({ name }) => name);
  return (req, res) => new RequestSignals(req, res, { remotes, timeoutMs });
}

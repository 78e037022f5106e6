import type { IncomingMessage, ServerResponse } from 'node:http';
import { OverdueError, type ServiceMode, type ServiceName } from '../services/errors.js';
import { CallSignal } from './call-signal.js';
import { carryRequest, requestOf } from './gateway-request.js';
import { goneSignal } from './gone-signal.js';

/** What a request may take beyond the deadline of one call: calls that wait for each other add up. */
const MARGIN_MS = 1_000;

type Signals = Partial<Record<ServiceName, CallSignal>>;

/**
 * What ends the calls that a request makes. Its time begins when its last byte is there, and is a second more than that of
 * one call; a call to a remote service that is then under way, or begun later, fails with a ServiceError TIMEOUT.
 */
export class RequestSignals {
  /** Aborts when the client goes before it has its answer. */
  readonly gone: AbortSignal;
  readonly #remotes: readonly ServiceName[];
  readonly #reads: Signals = {};
  readonly #changes: Signals = {};
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
    res.on('close', () => this.liftDeadline());
  }

  /** For reading from a service: aborts when the client is gone or the time is over. */
  reads(service: ServiceName): AbortSignal {
    if (!this.#remotes.includes(service)) return this.gone;
    const known = this.#reads[service];
    if (known) return known;
    const signal = this.#signalOf(service, this.#reads);
    this.gone.addEventListener('abort', () => signal.abort(this.gone.reason), { once: true });
    if (this.gone.aborted) signal.abort(this.gone.reason);
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
    const known = signals[service];
    if (known) return known;
    const signal = carryRequest(new CallSignal(), requestOf(this.gone));
    signals[service] = signal;
    if (this.#isOver) this.#endOverdue(signals);
    return signal;
  }

  readonly #expire = () => {
    this.#isOver = true;
    this.#endOverdue(this.#reads);
    this.#endOverdue(this.#changes);
  };

  #endOverdue(signals: Signals): void {
    for (const service of this.#remotes) signals[service]?.abort(new OverdueError(service));
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

import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { goneSignal } from './gone-signal.js';
import { Fault } from './http/fault.js';
import type { ServiceMode, ServiceName } from './service.js';

/** What a request may take beyond the deadline of one call: calls that wait for each other add up. */
const MARGIN_MS = 1_000;

/**
 * What ends the calls that a request makes. Its time begins when its last byte is there, and is a second more than that of
 * one call; a call to a remote service that is then under way, or begun later, fails with a ServiceError TIMEOUT.
 */
export class RequestSignals {
  /** Aborts when the client goes before it has its answer. */
  readonly gone: AbortSignal;
  readonly #reads = new Map<ServiceName, AbortController>();
  readonly #changes = new Map<ServiceName, AbortController>();
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    { remotes, timeoutMs }: { remotes: readonly ServiceName[]; timeoutMs: number },
  ) {
    this.gone = goneSignal(res);
    if (remotes.length === 0) return;
    for (const service of remotes) {
      const controller = new AbortController();
      // Each read of a request listens; Node would warn of eleven.
      setMaxListeners(0, controller.signal);
      this.#reads.set(service, controller);
    }
    this.gone.addEventListener('abort', this.#endReads, { once: true });
    const begin = () => {
      if (!res.closed) this.#timer = setTimeout(this.#expire, timeoutMs + MARGIN_MS);
    };
    if (req.complete) begin();
    else req.once('end', begin);
    res.once('close', () => this.liftDeadline());
  }

  /** For reading from a service: aborts when the client is gone or the time is over. */
  reads(service: ServiceName): AbortSignal {
    return this.#reads.get(service)?.signal ?? this.gone;
  }

  /** For changing something, which goes on without the client: aborts when the time is over. Undefined: never. */
  changes(service: ServiceName): AbortSignal | undefined {
    if (!this.#reads.has(service)) return undefined;
    const controller = this.#changes.get(service) ?? new AbortController();
    this.#changes.set(service, controller);
    if (this.#isOver) endOverdue(service, controller);
    return controller.signal;
  }

  /** From here on only the client ends the calls. */
  liftDeadline(): void {
    clearTimeout(this.#timer);
  }

  readonly #endReads = () => {
    for (const controller of this.#reads.values()) controller.abort(this.gone.reason);
  };

  readonly #expire = () => {
    this.#isOver = true;
    for (const controllers of [this.#reads, this.#changes])
      for (const [service, controller] of controllers) endOverdue(service, controller);
  };
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

function endOverdue(service: ServiceName, controller: AbortController): void {
  controller.abort(new Fault('OVERDUE').toServiceError(service, true));
}

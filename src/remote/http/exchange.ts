import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { Fault } from '../../calls/fault.js';
import { checkNotFound, checkStatus, type Expected, isSuccess, MAX_SPARE_BYTES } from './response.js';

/** A response with its whole body; that of one which is not 2xx is left empty where it has more than 128 KiB. */
export interface WholeResponse {
  status: number;
  body: Buffer;
}

export interface ExchangeOptions extends Expected {
  signal: AbortSignal;
  /** Called when undici puts the request on a connection: until then, nothing of it was sent. */
  onSent(): void;
}

export interface ExchangeRequest extends Dispatcher.DispatchOptions {
  body: Readable | null;
}

const MAX_BODY_MIB = 32;

/**
 * Sends a request and reads the whole response, without the stream that undici would make of its body.
 * @throws Fault, the reason of the signal, or an error of undici
 */
export function exchange(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  options: ExchangeOptions,
): Promise<WholeResponse> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(request, new Exchange(request, options, resolve, reject));
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest;
  readonly #options: ExchangeOptions;
  readonly #resolve: (response: WholeResponse) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #chunks: Buffer[] = [];
  #sending: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: Dispatcher.ResponseData['headers'] = {};
  #size = 0;

  constructor(
    request: ExchangeRequest,
    options: ExchangeOptions,
    resolve: (response: WholeResponse) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    // By itself undici does not heed a signal while it connects.
    options.signal.addEventListener('abort', this.#giveUp, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { signal, onSent } = this.#options;
    if (signal.aborted) {
      controller.abort(signal.reason);
    } else {
      this.#sending = controller;
      onSent();
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Dispatcher.ResponseData['headers'],
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    this.#chunks.push(chunk);
    if (isSuccess(this.#status)) {
      if (this.#size > MAX_BODY_MIB * 2 ** 20)
        controller.abort(new Fault('TOO_LARGE', { detail: `${MAX_BODY_MIB} MiB` }));
    } else if (this.#size > MAX_SPARE_BYTES) {
      this.#chunks.length = 0;
      this.#finish();
      controller.abort(new Error('Nobody needs the rest of this response.'));
    }
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  readonly #giveUp = () => {
    const { reason } = this.#options.signal;
    this.#fail(reason);
    this.#sending?.abort(reason);
  };

  #finish(): void {
    const { allow, isNotFound } = this.#options;
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 ? first! : Buffer.concat(this.#chunks);
    try {
      if (this.#status === 404 && isNotFound) checkNotFound(body, isNotFound);
      checkStatus(this.#status, this.#headers, allow);
    } catch (fault) {
      this.#fail(fault);
      return;
    }
    this.#options.signal.removeEventListener('abort', this.#giveUp);
    this.#resolve({ status: this.#status, body });
  }

  /** Rejects, and reads no more of a request body that was not sent. */
  #fail(reason: unknown): void {
    this.#options.signal.removeEventListener('abort', this.#giveUp);
    this.#request.body?.destroy();
    this.#reject(reason);
  }
}

import type { Dispatcher } from 'undici';
import { Fault } from './fault.js';

/** A whole answer. The body of one that is not 2xx is not kept. */
export interface WholeAnswer {
  status: number;
  headers: Dispatcher.ResponseData['headers'];
  body: Buffer;
}

export interface ExchangeOptions {
  signal: AbortSignal;
  /** Called when undici puts the request on a connection: until then, nothing of it was sent. */
  onSent(): void;
}

const MAX_BODY_MIB = 32;
/** What is read of a body that nobody needs, so that its connection can be used again. */
const MAX_DISCARDED_BYTES = 128 * 1024;

/**
 * Sends a request and reads the answer, without the stream that undici would make of it.
 * @throws Fault TOO_LARGE, the reason of the signal, or an error of undici
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { signal, onSent }: ExchangeOptions,
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    let sending: Dispatcher.DispatchController | undefined;
    let size = 0;
    const chunks: Buffer[] = [];
    const answer: WholeAnswer = { status: 0, headers: {}, body: Buffer.alloc(0) };
    // By itself undici does not heed a signal while it connects.
    const giveUp = () => {
      reject(signal.reason);
      sending?.abort(signal.reason);
    };
    const finish = () => {
      signal.removeEventListener('abort', giveUp);
      answer.body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      resolve(answer);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    dispatcher.dispatch(request, {
      onRequestStart(controller) {
        if (signal.aborted) return controller.abort(signal.reason);
        sending = controller;
        onSent();
      },
      onResponseStart(_controller, status, headers) {
        Object.assign(answer, { status, headers });
      },
      onResponseData(controller, chunk) {
        size += chunk.length;
        if (isSuccess(answer.status)) {
          chunks.push(chunk);
          if (size > MAX_BODY_MIB * 2 ** 20)
            controller.abort(new Fault('TOO_LARGE', { detail: `${MAX_BODY_MIB} MiB` }));
        } else if (size > MAX_DISCARDED_BYTES) {
          finish();
          controller.abort(new Error('Nobody needs the rest of this answer.'));
        }
      },
      onResponseEnd: finish,
      onResponseError(_controller, error) {
        signal.removeEventListener('abort', giveUp);
        reject(error);
      },
    });
  });
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

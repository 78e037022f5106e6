import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { carryRequest, requestOf } from './gateway-request.js';

/** One for each request: it aborts when the client goes before it has its answer, or that came before the end of its body. */
export function goneSignal(res: ServerResponse): AbortSignal {
  const gone = new AbortController();
  // Each read of a request listens; Node would warn of eleven.
  setMaxListeners(0, gone.signal);
  // An abort makes an error with a stack, which would cost every answered request a fifth of its time.
  res.once('close', () => (res.writableFinished && res.req.complete) || gone.abort());
  return carryRequest(gone.signal, requestOf(res));
}

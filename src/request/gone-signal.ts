import type { ServerResponse } from 'node:http';
import { CallSignal } from './call-signal.js';
import { carryRequest, requestOf } from './gateway-request.js';

/** One for each request: it aborts when the client goes before it has its answer, or that came before the end of its body. */
export function goneSignal(res: ServerResponse): AbortSignal {
  const gone = new CallSignal();
  // An abort makes an error with a stack, which would cost every answered request a fifth of its time.
  res.on('close', () => (res.writableFinished && res.req.complete) || gone.abort());
  return carryRequest(gone, requestOf(res));
}

import { CallSignal } from './call-signal.js';
import { carryRequest, requestOf } from './gateway-request.js';

/** A signal of the same request that never aborts: for writes, which finish once they have started. */
export function lastingSignal(signal: AbortSignal): AbortSignal {
  return carryRequest(new CallSignal(), requestOf(signal));
}

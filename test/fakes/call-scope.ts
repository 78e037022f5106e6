import type { CallScope } from '#src/services/call-signal.js';

/** The scope of a request that there is not. */
export function callScope(): CallScope {
  return { id: 'test', serviceCalls: 0, keptReads: new Map() };
}

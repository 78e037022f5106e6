import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './call.js';
import { explain, Fault } from './fault.js';

const MAX_TRIES = 3;
const FIRST_BACKOFF_MS = 100;
const MAX_RETRY_AFTER_MS = 5_000;

/**
 * Makes up to three tries within the deadline of the call, if it is repeatable.
 * @throws the failure of the last try: a Fault, or a mistake on this side; or the reason of the call's signal
 */
export async function withRetries<T>(call: Call, attempt: (call: Call) => Promise<T>): Promise<T> {
  for (;;) {
    // The call may end at the moment that its turn comes.
    call.signal.throwIfAborted();
    const timesSent = call.timesSent;
    call.tries++;
    try {
      return await attempt(call);
    } catch (error) {
      const failure = explain(error, call.timesSent > timesSent);
      if (!(failure instanceof Fault) || !failure.transient || call.signal.aborted) throw failure;
      if (!call.repeatable || call.tries === MAX_TRIES) throw failure;
      const delay = retryDelay(failure, call.tries);
      // This failure says more than the timeout that waiting would end in.
      if (delay >= call.remainingMs) throw failure;
      await sleep(delay, undefined, { signal: call.signal });
    }
  }
}

/** How long to wait before the next try, in milliseconds. */
export function retryDelay({ kind, retryAfterMs }: Fault, tries: number): number {
  if (retryAfterMs !== null) return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
  // A kept connection that the service closed at the moment of its use says nothing about the service.
  if (kind === 'CONNECTION_CLOSED' && tries === 1) return 0;
  const backoff = FIRST_BACKOFF_MS * 2 ** (tries - 1);
  return backoff / 2 + (Math.random() * backoff) / 2;
}

/** The milliseconds that a Retry-After header asks for, in seconds or as a date. Null without one that is valid. */
export function parseRetryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

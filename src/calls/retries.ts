import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './call.js';
import { explain, Fault } from './fault.js';

const MAX_TRIES = 3;
const FIRST_BACKOFF_MS = 100;
const MAX_RETRY_AFTER_MS = 5_000;

/**
 * Makes up to three tries within the deadline of the call, if it is repeatable.
 * @throws what the last try met: a Fault, or a mistake on this side; or the reason of the call's signal
 */
export async function withRetries<T>(call: Call, attempt: (call: Call) => Promise<T>): Promise<T> {
  for (;;) {
    // It may end at the moment that its turn comes.
    call.signal.throwIfAborted();
    const timesSent = call.timesSent;
    call.tries++;
    try {
      return await attempt(call);
    } catch (error) {
      const met = explain(error, call.timesSent > timesSent);
      if (!(met instanceof Fault) || !met.transient || call.signal.aborted) throw met;
      if (!call.repeatable || call.tries === MAX_TRIES) throw met;
      const delay = retryDelay(met, call.tries);
      // What was met says more than the timeout that waiting would end in.
      if (delay >= call.remainingMs) throw met;
      await sleep(delay, undefined, { signal: call.signal });
    }
  }
}

/** @returns milliseconds */
export function retryDelay({ kind, retryAfterMs }: Fault, tries: number): number {
  if (retryAfterMs !== null) return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
  // A kept connection that the service closed at the moment of its use says nothing about the service.
  if (kind === 'CONNECTION_CLOSED' && tries === 1) return 0;
  const backoff = FIRST_BACKOFF_MS * 2 ** (tries - 1);
  return backoff / 2 + (Math.random() * backoff) / 2;
}

/** Reads a Retry-After header, seconds or a date, in milliseconds. Null when there is none to be understood. */
export function parseRetryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Leases } from './store/leases.js';

/** How long a process that ended keeps others from the work. */
const TERM_MS = 60_000;

/** Thrown when another process does the work just now. The message is one line. */
export class LeaseTakenError extends Error {
  override readonly name = 'LeaseTakenError';
}

/**
 * Does work that one process does at a time, and renews its lease meanwhile. What the work does has to be right all the
 * same: a process that was stopped for long goes on before it learns that the lease is another one's.
 *
 * @param work is given a signal that ends when the lease is lost
 * @throws LeaseTakenError
 */
export async function withLease<T>(
  leases: Leases,
  name: string,
  work: (signal: AbortSignal) => Promise<T>,
  termMs = TERM_MS,
): Promise<T> {
  const me = `process ${process.pid} on ${hostname()} (${randomBytes(4).toString('hex')})`;
  const holder = await leases.take(name, me, termMs);
  if (holder !== me) throw new LeaseTakenError(`Another ${name} is running: ${holder}.`);
  const lost = new AbortController();
  const renew = async () => {
    const now = await leases.take(name, me, termMs);
    if (now !== me) lost.abort(new LeaseTakenError(`This ${name} took too long, and ${now} has taken over.`));
  };
  // One that fails is followed by others; whether the lease was lost meanwhile is found then.
  const renewing = setInterval(() => void renew().catch(() => {}), termMs / 3).unref();
  try {
    return await work(lost.signal);
  } finally {
    clearInterval(renewing);
    // Otherwise it runs out.
    await leases.release(name, me).catch(() => {});
  }
}

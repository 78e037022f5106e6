import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How long is waited for what is to come, in milliseconds. It says nothing of how long that takes: a machine that does
 * other work as well may need many times what it needs alone.
 */
export const PATIENCE_MS = 90_000;

/**
 * Looks again and again until there is something.
 * @param problem what is said when it does not come
 * @param withinMs less than the patience only where users are promised so
 */
export async function until<T>(
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  problem: () => string = () => 'It did not come.',
  withinMs = PATIENCE_MS,
): Promise<T> {
  for (const end = performance.now() + withinMs; performance.now() < end; await sleep(10)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`${problem()} (${withinMs / 1000} s)`);
}

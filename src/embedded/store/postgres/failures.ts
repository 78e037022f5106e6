import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '../../../services/storage-error.js';
import { isTimeout, isUnavailable, isUnknownOutcome, mayRunAgain } from './errors.js';

const MAX_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 10;
/** No attempt begins later: with the time that one may take, the request is answered before its client gives up. */
const LAST_BEGINNING_MS = 4000;

/** Knowledge of the attempts before. */
export interface Attempt {
  /** Whether one of them may have been committed: its connection was lost before the server said so. */
  mayBeDone: boolean;
}

/**
 * Runs a whole transaction, and again when it met another one or lost its connection.
 *
 * @throws StorageError when the database is away or slow
 */
export async function runTransaction<T>(work: (attempt: Attempt) => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  let mayBeDone = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work({ mayBeDone });
    } catch (error) {
      mayBeDone ||= isUnknownOutcome(error);
      const mayBegin = attempt < MAX_ATTEMPTS && performance.now() - startedAt < LAST_BEGINNING_MS;
      if (!mayBegin || !mayRunAgain(error)) throw told(error);
      // Between those who met each other, chance decides who comes first.
      await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);
    }
  }
}

/** The error that a store throws: one that a client may be told of where the database failed, else the error as it is. */
export function told(error: unknown): unknown {
  if (isTimeout(error))
    return new StorageError('the database took too long', { code: 'TIMEOUT', retryable: true, cause: error });
  if (isUnavailable(error))
    return new StorageError('the database cannot be reached or cannot do it now', {
      code: 'UNAVAILABLE',
      retryable: true,
      cause: error,
    });
  return error;
}

/** Operations that are each one transaction and may be run once more, run as runTransaction does. */
export function asTransactions<O extends object>(operations: O): O {
  const running = Object.entries(operations).map(([name, operation]) => [
    name,
    (...parameters: unknown[]) => runTransaction(() => operation(...parameters)),
  ]);
  // Each has the parameters and the result of the one that it runs.
  return Object.fromEntries(running) as O;
}

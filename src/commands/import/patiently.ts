import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../services/errors.js';
import { StorageError } from '../../services/storage-error.js';
import { CommandError } from '../command-line.js';
import { ItemError } from './item.js';
import { TryAgainError } from './target.js';

/** As long as a gateway takes to start again. */
const DELAYS_MS = [200, 500, 1000, 2000, 4000, 8000, 8000];

/**
 * Asks again where a failure may be over in a moment.
 * @throws CommandError where it is not: all that is left would fail as well; ItemError for what a service refuses
 */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const delayMs of DELAYS_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!isTransient(error)) throw ofOneItem(error);
      await sleep(delayMs);
    }
  }
  return ask().catch((error: unknown) => {
    throw isTransient(error) ? new CommandError((error as Error).message) : ofOneItem(error);
  });
}

function isTransient(error: unknown): boolean {
  if (error instanceof ServiceError || error instanceof StorageError) return error.retryable;
  return error instanceof TryAgainError;
}

function ofOneItem(error: unknown): unknown {
  return error instanceof ServiceError ? new ItemError(error.message) : error;
}

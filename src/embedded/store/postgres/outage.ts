import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { isOutage } from './errors.js';

/** Told when the database cannot be used, with the first error that said so, and with null when it can be again. */
export type OnDatabaseOutage = (outage: { error: unknown } | null) => void;

/** Some work succeeds while a database comes up, or has too few connections: an outage is over after so long without failures. */
const QUIET_MS = 5000;

/**
 * The same pool. Of all that fails in one outage of the database it tells once.
 *
 * @param now in milliseconds
 */
export function watchOutages(
  pool: PostgresPool,
  onOutage: OnDatabaseOutage,
  now = () => performance.now(),
): PostgresPool {
  let lastFailure: number | null = null;
  async function watched<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (isOutage(error)) {
        const begins = lastFailure === null;
        lastFailure = now();
        if (begins) onOutage({ error });
      }
      throw error;
    }
  }
  function noteSuccess(): void {
    if (lastFailure === null || now() - lastFailure < QUIET_MS) return;
    lastFailure = null;
    onOutage(null);
  }
  return {
    async connect() {
      const client = await watched(pool.connect());
      const query = async (text: string, parameters: readonly unknown[]) => {
        const result = await watched(client.query<unknown>(text, parameters));
        noteSuccess();
        return result;
      };
      // Kysely's type has an overload for cursors too, which this dialect is not given.
      return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release() };
    },
    end: () => pool.end(),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { StoreFigures } from '../embedded/store/open-store.js';

/** How long a scrape waits for the database: less than Prometheus waits for a scrape. */
const MAX_WAIT_MS = 2000;

type Figures = Awaited<ReturnType<StoreFigures['database']>>;

export interface DatabaseMetrics {
  /** Reads the figures of the database that gateways share at each scrape. */
  watch(figures: StoreFigures): void;
}

/**
 * The metrics of the database that gateways share. What only the database knows is asked of it at each scrape, for a
 * bounded time: while it does not say, these series are absent.
 *
 * @param maxWaitMs in milliseconds
 */
export function createDatabaseMetrics(registry: Registry, maxWaitMs = MAX_WAIT_MS): DatabaseMetrics {
  let watched: StoreFigures | null = null;
  let asked: Promise<Figures | null> | null = null;
  /** One question at a time, for all gauges and all scrapes: a database that hangs gets no more of them. */
  const ask = async () => {
    if (!watched) return null;
    asked ??= watched
      .database()
      .catch(() => null)
      .finally(() => {
        asked = null;
      });
    return Promise.race([asked, sleep(maxWaitMs, null, { ref: false })]);
  };
  createPoolGauges(registry, () => watched?.pool() ?? null);
  const gauge = (name: string, help: string, readFrom: (figures: Figures | null) => number | undefined) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const value = watched ? readFrom(await ask()) : undefined;
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  gauge('lookalike_database_up', 'Whether the shared database said how it is: 1 or 0.', (figures) =>
    figures ? 1 : 0,
  );
  gauge(
    'lookalike_database_oldest_transaction_seconds',
    'The age of the oldest transaction in the shared database.',
    (figures) => figures?.oldestTransactionSeconds,
  );
  gauge(
    'lookalike_database_snapshot_lag_transactions',
    'How many transactions behind the newest one the oldest running one is.',
    (figures) => figures?.snapshotLag,
  );
  gauge(
    'lookalike_database_listed_changes',
    'Changes that are listed for the searches that follow them, by estimate.',
    (figures) => figures?.listedChanges,
  );
  return {
    watch(figures) {
      watched = figures;
    },
  };
}

function createPoolGauges(registry: Registry, read: () => ReturnType<StoreFigures['pool']> | null): void {
  new Gauge({
    name: 'lookalike_database_connections_current',
    help: 'Connections of the main thread to the shared database: at work, and idle.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const pool = read();
      if (!pool) return;
      this.set({ state: 'BUSY' }, pool.total - pool.idle);
      this.set({ state: 'IDLE' }, pool.idle);
    },
  });
  new Gauge({
    name: 'lookalike_database_waiting_current',
    help: 'Those who wait for a connection to the shared database.',
    registers: [registry],
    collect() {
      const pool = read();
      if (pool) this.set(pool.waiting);
      else this.remove();
    },
  });
}

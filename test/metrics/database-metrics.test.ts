import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { StoreFigures } from '#src/embedded/store/open-store.js';
import { createDatabaseMetrics } from '#src/metrics/database-metrics.js';

const FIGURES = { oldestTransactionSeconds: 1.5, snapshotLag: 3, listedChanges: 40 };
const POOL = { total: 5, idle: 2, waiting: 7 };

/** What a scrape shows of a database, without the descriptions. */
async function scrape(registry: Registry): Promise<string[]> {
  const lines = (await registry.metrics()).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).sort();
}

function watching(database: StoreFigures['database'], maxWaitMs?: number): Registry {
  const registry = new Registry();
  createDatabaseMetrics(registry, maxWaitMs).watch({ pool: () => POOL, database });
  return registry;
}

const POOL_SERIES = [
  'lookalike_database_connections_current{state="BUSY"} 3',
  'lookalike_database_connections_current{state="IDLE"} 2',
  'lookalike_database_waiting_current 7',
];

describe('the figures of a shared database', () => {
  it('are asked for once a scrape', async () => {
    let asked = 0;
    const registry = watching(async () => {
      asked++;
      return FIGURES;
    });
    expect(await scrape(registry)).toEqual(
      [
        ...POOL_SERIES,
        'lookalike_database_up 1',
        'lookalike_database_oldest_transaction_seconds 1.5',
        'lookalike_database_snapshot_lag_transactions 3',
        'lookalike_database_listed_changes 40',
      ].sort(),
    );
    expect(asked).toBe(1);
    await scrape(registry);
    expect(asked).toBe(2);
  });

  it('are absent while it fails, also those that were there before', async () => {
    let fails = false;
    const registry = watching(async () => {
      if (fails) throw new Error('away');
      return FIGURES;
    });
    await scrape(registry);
    fails = true;
    expect(await scrape(registry)).toEqual([...POOL_SERIES, 'lookalike_database_up 0'].sort());
  });

  it('are not waited for when it hangs, nor asked for once more', async () => {
    let asked = 0;
    const registry = watching(() => {
      asked++;
      return new Promise(() => {});
    }, 10);
    const expected = [...POOL_SERIES, 'lookalike_database_up 0'].sort();
    expect(await scrape(registry)).toEqual(expected);
    expect(await scrape(registry)).toEqual(expected);
    expect(asked).toBe(1);
  });

  it('are not there without one', async () => {
    const registry = new Registry();
    createDatabaseMetrics(registry);
    expect(await scrape(registry)).toEqual([]);
  });
});

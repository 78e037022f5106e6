import { Histogram, type Registry } from 'prom-client';
import type { SqlReport } from '../embedded/store/sql-report.js';

export function createSqlMetrics(registry: Registry): (report: SqlReport) => void {
  const durations = new Histogram({
    name: 'lookalike_sql_duration_seconds',
    help: 'SQL in the main thread by statement, and searches in threads by call, waiting for the thread included.',
    labelNames: ['kind'],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  return ({ kind, durationMs }) => durations.labels(kind).observe(durationMs / 1000);
}

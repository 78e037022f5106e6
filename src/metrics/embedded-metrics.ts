import { Gauge, Histogram, type Registry } from 'prom-client';
import type { DecodeReport, PicturePool } from '../embedded/picture/picture-pool.js';
import type { OnSql } from '../embedded/store/sql-report.js';

/** The metrics of the embedded services: their SQL and their pictures. */
export interface EmbeddedMetrics {
  onSql: OnSql;
  onDecode(report: DecodeReport): void;
  /** Reads at each scrape how many pictures are to be decoded. */
  watch(pictures: Pick<PicturePool, 'decoding' | 'waiting'>): void;
}

export function createEmbeddedMetrics(registry: Registry): EmbeddedMetrics {
  const statements = new Histogram({
    name: 'lookalike_sql_duration_seconds',
    help: 'SQL in the main thread by statement, and searches in threads by call, waiting for the thread included.',
    labelNames: ['kind'],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const decodes = new Histogram({
    name: 'lookalike_decode_duration_seconds',
    help: 'Decoding a picture in its thread, waiting for memory included and waiting for a thread not.',
    labelNames: ['wanted', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return {
    onSql: ({ kind, durationMs }) => statements.labels(kind).observe(durationMs / 1000),
    onDecode: ({ wanted, outcome, durationMs }) => decodes.labels(wanted, outcome).observe(durationMs / 1000),
    watch(pictures) {
      new Gauge({
        name: 'lookalike_decodes_current',
        help: 'Pictures that are being decoded now, and those that wait for a thread.',
        labelNames: ['state'],
        registers: [registry],
        collect() {
          this.set({ state: 'RUNNING' }, pictures.decoding);
          this.set({ state: 'WAITING' }, pictures.waiting);
        },
      });
    },
  };
}

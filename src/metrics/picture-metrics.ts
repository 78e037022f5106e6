import { Gauge, Histogram, type Registry } from 'prom-client';
import type { DecodeReport, PicturePool } from '../embedded/picture/picture-pool.js';

export interface PictureMetrics {
  onDecode(report: DecodeReport): void;
  /** Shows how much there is to decode at each scrape. */
  watch(pictures: Pick<PicturePool, 'decoding' | 'waiting'>): void;
}

export function createPictureMetrics(registry: Registry): PictureMetrics {
  const durations = new Histogram({
    name: 'lookalike_decode_duration_seconds',
    help: 'Decoding a picture in its thread, waiting for memory included and waiting for a thread not.',
    labelNames: ['wanted', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return {
    onDecode: ({ wanted, outcome, durationMs }) =>
      durations.labels(wanted, outcome).observe(durationMs / 1000),
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

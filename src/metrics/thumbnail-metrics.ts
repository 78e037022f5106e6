import { Counter, Gauge, type Registry } from 'prom-client';
import type { ThumbnailOutcome } from '../embedded/thumbnails/stored-pictures.js';

/** The state of thumbnails, read at each scrape. */
export interface WatchedThumbnails {
  /** How many wait to be made. */
  readonly waiting: number;
  readonly keptBytes: number;
}

export interface ThumbnailMetrics {
  onThumbnail(outcome: ThumbnailOutcome): void;
  /** Reads the gauges at each scrape. */
  watch(thumbnails: WatchedThumbnails): void;
}

/** The metrics of thumbnails. */
export function createThumbnailMetrics(registry: Registry): ThumbnailMetrics {
  const thumbnails = new Counter({
    name: 'lookalike_thumbnails_total',
    help: 'Thumbnails asked for: made, read from those that are kept, of what is no picture, refused as too many waited, failed. The same one, asked for several times at once, counts once.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return {
    onThumbnail: (outcome) => thumbnails.inc({ outcome }),
    watch(watched) {
      new Gauge({
        name: 'lookalike_thumbnails_waiting',
        help: 'Thumbnails that wait for others to be made.',
        registers: [registry],
        collect() {
          this.set(watched.waiting);
        },
      });
      new Gauge({
        name: 'lookalike_thumbnail_cache_bytes',
        help: 'What the kept thumbnails take of the disk; 0 before the first is asked for.',
        registers: [registry],
        collect() {
          this.set(watched.keptBytes);
        },
      });
    },
  };
}

import { Counter, Histogram, Registry } from 'prom-client';
import type { Entry } from '../../services/entry.js';
import type { StoreStatus } from '../../services/entry-origin.js';

/** The buckets of the original: the defaults of its library. */
const BUCKETS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

/** Counts the requests of the protocol, under the names that the dashboards of the original know. */
export class WireMetrics {
  readonly #registry = new Registry();
  readonly #stores = this.#counter('imgcache_store_total', 'Images stored: created, or there already.', [
    'created',
    'duplicate',
  ]);
  readonly #lookups = this.#counter('imgcache_lookup_total', 'Entries looked up by URL.', ['hit', 'miss']);
  readonly #hashes = this.#counter(
    'imgcache_perceptual_hash_computed_total',
    'New images, with a perceptual hash and without.',
    ['ok', 'failed'],
  );
  readonly #searches = new Counter({
    name: 'imgcache_similar_search_total',
    help: 'Searches for look-alikes.',
    registers: [this.#registry],
  });
  readonly #sizes = new Histogram({
    name: 'imgcache_image_bytes',
    help: 'The sizes of new images.',
    buckets: BUCKETS,
    registers: [this.#registry],
  });

  onStore({ perceptualHash, fileSizeBytes }: Entry, status: StoreStatus): void {
    this.#stores.labels(status === 'CREATED' ? 'created' : 'duplicate').inc();
    if (status !== 'CREATED') return;
    this.#hashes.labels(perceptualHash === null ? 'failed' : 'ok').inc();
    this.#sizes.observe(fileSizeBytes);
  }

  onLookup(found: boolean): void {
    this.#lookups.labels(found ? 'hit' : 'miss').inc();
  }

  onSimilar(): void {
    this.#searches.inc();
  }

  /** The metrics in Prometheus' text format. */
  async show(): Promise<{ text: string; contentType: string }> {
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  /** A counter by result, which shows each result from the beginning. */
  #counter(name: string, help: string, results: readonly string[]): Counter<'result'> {
    const counter = new Counter({
      name,
      help,
      labelNames: ['result'] as const,
      registers: [this.#registry],
    });
    for (const result of results) counter.labels(result).inc(0);
    return counter;
  }
}

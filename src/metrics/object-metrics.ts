import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { OnObjectCall } from '../embedded/blobs/s3/transport.js';
import type { OpenStorage } from '../embedded/open-storage.js';
import { BREAKER_STATES } from './service-metrics.js';

export interface ObjectMetrics {
  onObjectCall: OnObjectCall;
  /** Reads the state of the calls at each scrape. */
  watch(status: NonNullable<OpenStorage['objectStatus']>): void;
}

/** The metrics of calls to the object store. */
export function createObjectMetrics(registry: Registry): ObjectMetrics {
  const calls = new Counter({
    name: 'lookalike_object_calls_total',
    help: 'Calls to the object store, each counted once, however often it was tried.',
    labelNames: ['operation', 'outcome'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'lookalike_object_call_duration_seconds',
    help: 'From the wish to call the object store, with waiting and all tries, until its response is read.',
    labelNames: ['operation'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  const retries = new Counter({
    name: 'lookalike_object_retries_total',
    help: 'Tries of calls to the object store after the first.',
    labelNames: ['operation'],
    registers: [registry],
  });
  const { watch } = createObjectGauges(registry);
  return {
    onObjectCall({ operation, outcome, durationMs, tries }) {
      calls.inc({ operation, outcome });
      durations.observe({ operation }, durationMs / 1000);
      // A call that ended while it waited for its turn has no try.
      if (tries > 1) retries.inc({ operation }, tries - 1);
    },
    watch,
  };
}

function createObjectGauges(registry: Registry): Pick<ObjectMetrics, 'watch'> {
  let status: OpenStorage['objectStatus'] = null;
  new Gauge({
    name: 'lookalike_object_calls_current',
    help: 'Calls to the object store now: those that run, and those that wait for their turn.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      if (!status) return;
      const { running, queued } = status();
      this.set({ state: 'RUNNING' }, running);
      this.set({ state: 'QUEUED' }, queued);
    },
  });
  new Gauge({
    name: 'lookalike_object_breaker_state',
    help: 'Of the circuit breaker of the object store: 1 for the state that it is in, 0 for the others.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      if (!status) return;
      const { breaker } = status();
      for (const state of BREAKER_STATES) this.set({ state }, state === breaker ? 1 : 0);
    },
  });
  return {
    watch(watched) {
      status = watched;
    },
  };
}

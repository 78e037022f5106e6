import { Gauge, type Registry } from 'prom-client';
import type { CallReport, ServiceStatus } from '../remote/http/client.js';
import type { ServiceName } from '../services/errors.js';
import { RequestCounter, RequestHistogram } from './request-series.js';

export interface ServiceMetrics {
  onCall(service: ServiceName, report: CallReport): void;
  /** Reads the state of remote services at each scrape. */
  watch(services: readonly RemoteService[]): void;
}

export interface RemoteService {
  name: ServiceName;
  status(): ServiceStatus;
}

/** Of a circuit breaker. */
export const BREAKER_STATES = ['CLOSED', 'OPEN', 'HALF_OPEN'] as const;

/** The metrics of calls to remote services. */
export function createServiceMetrics(registry: Registry): ServiceMetrics {
  const calls = new RequestCounter(registry, {
    name: 'lookalike_service_calls_total',
    help: 'Calls to a service, each counted once, however often it was tried.',
    labelNames: ['service', 'outcome'],
  });
  const durations = new RequestHistogram(registry, {
    name: 'lookalike_service_call_duration_seconds',
    help: 'From the wish to call a service, with waiting and all tries, until its answer is read.',
    labelNames: ['service'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  });
  const retries = new RequestCounter(registry, {
    name: 'lookalike_service_retries_total',
    help: 'Tries of calls after the first.',
    labelNames: ['service'],
  });

  return {
    onCall(service, { outcome, durationMs, tries }) {
      calls.inc([service, outcome]);
      durations.observe([service], durationMs / 1000);
      // A call that ended while it waited for its turn has no try.
      if (tries > 1) retries.inc([service], tries - 1);
    },
    watch(services) {
      watchCalls(registry, services);
      watchBreakers(registry, services);
    },
  };
}

function watchCalls(registry: Registry, services: readonly RemoteService[]): void {
  new Gauge({
    name: 'lookalike_service_calls_current',
    help: 'Calls to a service now: those that run, and those that wait for their turn.',
    labelNames: ['service', 'state'],
    registers: [registry],
    collect() {
      for (const { name: service, status } of services) {
        const { running, queued } = status();
        this.set({ service, state: 'RUNNING' }, running);
        this.set({ service, state: 'QUEUED' }, queued);
      }
    },
  });
}

function watchBreakers(registry: Registry, services: readonly RemoteService[]): void {
  new Gauge({
    name: 'lookalike_service_breaker_state',
    help: 'Of the circuit breaker of a service: 1 for the state that it is in, 0 for the others.',
    labelNames: ['service', 'state'],
    registers: [registry],
    collect() {
      for (const { name: service, status } of services) {
        const { breaker } = status();
        for (const state of BREAKER_STATES) this.set({ service, state }, state === breaker ? 1 : 0);
      }
    },
  });
}

import type { CallReport, ServiceClientOptions } from '../remote/http/client.js';
import type { ServiceName } from '../services/errors.js';
import { causesOf } from './error-fields.js';
import type { Log } from './log.js';
import { loggedPath, roundedMs } from './redaction.js';

/** The hooks of a client of a remote service. */
export type ServiceObserver = Required<Pick<ServiceClientOptions, 'onCall' | 'onBreaker'>>;

/** Warns of calls to a service that fail or take long, and when its circuit breaker opens. */
export function createServiceLog(log: Log, slowMs: number, service: ServiceName): ServiceObserver {
  return {
    onCall(report) {
      if (hasFailed(report))
        log.warn({ ...fieldsOf(service, report), cause: causesOf(report.error) }, 'service call failed');
      else if (report.durationMs >= slowMs) log.warn(fieldsOf(service, report), 'slow service call');
    },
    onBreaker: (state) =>
      log.warn({ service }, state === 'OPEN' ? 'circuit breaker opened' : 'circuit breaker closed'),
  };
}

/** Whether a call deserves a warning; one that was never tried does not, as the breaker has warned. */
export function hasFailed({ outcome, tries }: Pick<CallReport, 'outcome' | 'tries'>): boolean {
  return outcome !== 'OK' && outcome !== 'ABORTED' && outcome !== 'REFUSED' && tries > 0;
}

function fieldsOf(service: ServiceName, { requestId, method, path, outcome, tries, durationMs }: CallReport) {
  return {
    service,
    method,
    path: loggedPath(path),
    outcome,
    tries,
    durationMs: roundedMs(durationMs),
    requestId,
  };
}

import type { ObjectCall, OnObjectCall } from '../embedded/blobs/s3/transport.js';
import type { OnDatabaseOutage } from '../embedded/store/postgres/outage.js';
import { causesOf, errorFields } from './error-fields.js';
import type { Log } from './log.js';
import { bounded, roundedMs } from './redaction.js';
import { hasFailed } from './service-log.js';

/** The hooks of the database and the object store that gateways share. */
export interface StorageObserver {
  onObjectCall: OnObjectCall;
  onObjectBreaker(state: 'OPEN' | 'CLOSED'): void;
  onDatabaseOutage: OnDatabaseOutage;
}

export interface StorageLog extends StorageObserver {
  /** Lets warnings begin, once the storage is open: what a start fails with is told by its refusal. */
  begin(): void;
}

/** Warns of calls to the object store that fail or take long, of its circuit breaker, and of outages of the database. */
export function createStorageLog(log: Log, slowMs: number): StorageLog {
  let hasBegun = false;
  const warn = (fields: object, message: string) => {
    if (hasBegun) log.warn(fields, message);
  };
  return {
    begin() {
      hasBegun = true;
    },
    onObjectCall(call) {
      if (hasFailed(call))
        warn({ ...fieldsOf(call), cause: causesOf(call.error) }, 'object store call failed');
      else if (call.durationMs >= slowMs) warn(fieldsOf(call), 'slow object store call');
    },
    onObjectBreaker: (state) =>
      warn({ service: 'S3' }, state === 'OPEN' ? 'circuit breaker opened' : 'circuit breaker closed'),
    onDatabaseOutage(outage) {
      if (!outage) warn({}, 'the database can be used again');
      else {
        const { code, message } = errorFields(outage.error, 0);
        const cause = [message, causesOf(outage.error)].filter((text) => text !== '').join(': ');
        warn({ ...(code && { code }), cause }, 'the database cannot be used');
      }
    },
  };
}

function fieldsOf({ operation, key, outcome, tries, durationMs, requestId }: ObjectCall) {
  return { operation, key: bounded(key), outcome, tries, durationMs: roundedMs(durationMs), requestId };
}

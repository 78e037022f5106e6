import { afterEach, describe, expect, it } from 'vitest';
import { createStorageLog } from '#src/log/storage-log.js';
import { StorageError } from '#src/services/storage-error.js';
import { LogLines } from '../harness/log-lines.js';

const SLOW_MS = 100;
const lines = new LogLines();
const log = createStorageLog(lines.log, SLOW_MS);
log.begin();
afterEach(() => lines.clear());

const call = {
  operation: 'GetObject',
  key: 'prefix/ab/cd/x',
  outcome: 'OK',
  error: null,
  durationMs: 5,
  tries: 1,
  requestId: 'r1',
} as const;

function failure(cause: Error): StorageError {
  return new StorageError('the object store cannot be reached', {
    code: 'UNAVAILABLE',
    retryable: true,
    cause,
  });
}

describe('A call to the object store', () => {
  it('that goes well and fast is no news, nor one that was given up or not tried', () => {
    log.onObjectCall(call);
    log.onObjectCall({ ...call, outcome: 'ABORTED', durationMs: 1 });
    log.onObjectCall({ ...call, outcome: 'UNAVAILABLE', error: failure(new Error('open')), tries: 0 });
    expect(lines.text).toBe('');
  });

  it('that is slow is warned of', () => {
    log.onObjectCall({ ...call, durationMs: SLOW_MS });
    expect(lines.lines).toEqual([
      {
        level: 'warn',
        time: expect.any(String),
        operation: 'GetObject',
        key: 'prefix/ab/cd/x',
        outcome: 'OK',
        tries: 1,
        durationMs: SLOW_MS,
        requestId: 'r1',
        msg: 'slow object store call',
      },
    ]);
  });

  it('that fails is warned of, with its causes', () => {
    const error = failure(new Error('UNREACHABLE', { cause: new Error('connect ECONNREFUSED') }));
    log.onObjectCall({ ...call, outcome: 'UNAVAILABLE', error, tries: 3 });
    expect(lines.lines).toMatchObject([
      {
        level: 'warn',
        msg: 'object store call failed',
        outcome: 'UNAVAILABLE',
        tries: 3,
        cause: 'UNREACHABLE: connect ECONNREFUSED',
      },
    ]);
  });
});

it('Nothing is told before the storage is open, as the start is refused with a line of its own', () => {
  const early = createStorageLog(lines.log, SLOW_MS);
  early.onObjectCall({ ...call, outcome: 'UNAVAILABLE', error: failure(new Error('away')), tries: 3 });
  early.onObjectBreaker('OPEN');
  early.onDatabaseOutage({ error: new Error('away') });
  expect(lines.text).toBe('');
});

it('The breaker of the object store is told by its service, S3', () => {
  log.onObjectBreaker('OPEN');
  log.onObjectBreaker('CLOSED');
  expect(lines.lines).toMatchObject([
    { level: 'warn', service: 'S3', msg: 'circuit breaker opened' },
    { level: 'warn', service: 'S3', msg: 'circuit breaker closed' },
  ]);
});

it('An outage of the database is told with its cause and its code, without passwords', () => {
  const error = Object.assign(new Error('no route to postgres://me:s3cr3t@db/x'), { code: 'EHOSTUNREACH' });
  log.onDatabaseOutage({ error });
  log.onDatabaseOutage(null);
  expect(lines.lines).toMatchObject([
    {
      level: 'warn',
      msg: 'the database cannot be used',
      code: 'EHOSTUNREACH',
      cause: 'no route to postgres://…@db/x',
    },
    { level: 'warn', msg: 'the database can be used again' },
  ]);
});

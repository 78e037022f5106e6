import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestScope } from '#src/request/request-scope.js';
import type { ServiceName } from '#src/services/errors.js';

const TIMEOUT_MS = 2_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A request that has come whole unless told otherwise, and its response, which has not gone out. */
function begin(remotes: ServiceName[], { complete = true } = {}) {
  const req = Object.assign(new EventEmitter(), { complete });
  const res = Object.assign(new EventEmitter(), { req, closed: false, writableFinished: false });
  const scope = new RequestScope(req as unknown as IncomingMessage, res as unknown as ServerResponse, {
    id: 'test',
    deadline: { remotes, timeoutMs: TIMEOUT_MS },
  });
  const receive = () => {
    req.complete = true;
    req.emit('end');
  };
  const close = (finished: boolean) => {
    Object.assign(res, { closed: true, writableFinished: finished });
    res.emit('close');
  };
  return { scope, receive, respond: () => close(true), leave: () => close(false) };
}

const overdue = (service: ServiceName) => ({ service, code: 'TIMEOUT', retryable: true });

describe('when the client goes', () => {
  it('all reads end, also of what is asked for afterwards, and changes go on', () => {
    const { scope, leave } = begin(['IMGCACHE', 'VISUALSNOOP']);
    const before = scope.reads('IMGCACHE');
    const change = scope.changes('IMGCACHE');
    leave();
    for (const read of [before, scope.reads('IMGCACHE'), scope.reads('VISUALSNOOP')])
      expect(read).toMatchObject({ aborted: true, reason: { name: 'AbortError' } });
    expect(change.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a signal that is asked for afterwards knows', () => {
    const { scope, leave } = begin([]);
    leave();
    expect(scope.gone.aborted).toBe(true);
  });

  it('after it has the response, nothing ends', () => {
    const { scope, respond } = begin(['IMGCACHE']);
    const read = scope.reads('IMGCACHE');
    respond();
    vi.advanceTimersByTime(TIMEOUT_MS * 10);
    expect([read.aborted, scope.gone.aborted]).toEqual([false, false]);
  });
});

describe('when the time is over', () => {
  it('reads and changes of each remote service end with an error that names it, also those that come later', () => {
    const { scope } = begin(['IMGCACHE', 'VISUALSNOOP']);
    const before = [scope.reads('IMGCACHE'), scope.changes('IMGCACHE')];
    vi.advanceTimersByTime(TIMEOUT_MS + 999);
    expect(before.map(({ aborted }) => aborted)).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    for (const { reason } of before) expect(reason).toMatchObject(overdue('IMGCACHE'));
    expect(scope.reads('VISUALSNOOP').reason).toMatchObject(overdue('VISUALSNOOP'));
    expect(scope.changes('VISUALSNOOP').reason).toMatchObject(overdue('VISUALSNOOP'));
    expect(scope.gone.aborted).toBe(false);
  });

  it('an embedded service is not ended', () => {
    const { scope } = begin(['IMGCACHE']);
    const signal = [scope.reads('VISUALSNOOP'), scope.changes('VISUALSNOOP')];
    vi.advanceTimersByTime(TIMEOUT_MS * 10);
    expect([...signal, scope.changes('VISUALSNOOP')].map(({ aborted }) => aborted)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('it began with the last byte of the request, if that came later than the first call', () => {
    const { scope, receive } = begin(['IMGCACHE'], { complete: false });
    const read = scope.reads('IMGCACHE');
    vi.advanceTimersByTime(TIMEOUT_MS * 10);
    receive();
    vi.advanceTimersByTime(TIMEOUT_MS + 999);
    expect(read.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(read.reason).toMatchObject(overdue('IMGCACHE'));
  });

  it('is not over for a request that called no remote service, and nothing waits for it', () => {
    const { scope } = begin(['IMGCACHE']);
    scope.reads('VISUALSNOOP');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is put off for good also before the last byte of the request', () => {
    const { scope, receive } = begin(['IMGCACHE'], { complete: false });
    const read = scope.reads('IMGCACHE');
    scope.liftDeadline();
    receive();
    vi.advanceTimersByTime(TIMEOUT_MS * 10);
    expect(read.aborted).toBe(false);
  });

  it('is put off for good once the deadline is lifted', () => {
    const { scope } = begin(['IMGCACHE']);
    const read = scope.reads('IMGCACHE');
    scope.liftDeadline();
    vi.advanceTimersByTime(TIMEOUT_MS * 10);
    expect(read.aborted).toBe(false);
  });
});

it('each service has one signal for all its reads', () => {
  const { scope } = begin(['IMGCACHE', 'VISUALSNOOP']);
  expect(scope.reads('IMGCACHE')).toBe(scope.reads('IMGCACHE'));
  expect(scope.reads('IMGCACHE')).not.toBe(scope.reads('VISUALSNOOP'));
  expect(scope.reads('IMGCACHE')).not.toBe(scope.changes('IMGCACHE'));
});

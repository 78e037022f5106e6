import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestSignals } from '#src/request/request-signals.js';
import type { ServiceName } from '#src/services/errors.js';

const TIMEOUT_MS = 2_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A request that has come whole, and its answer, which has not gone out. */
function begin(...remotes: ServiceName[]) {
  const req = Object.assign(new EventEmitter(), { complete: true });
  const res = Object.assign(new EventEmitter(), { req, closed: false, writableFinished: false });
  const signals = new RequestSignals(req as unknown as IncomingMessage, res as unknown as ServerResponse, {
    remotes,
    timeoutMs: TIMEOUT_MS,
  });
  const close = (finished: boolean) => {
    Object.assign(res, { closed: true, writableFinished: finished });
    res.emit('close');
  };
  return { signals, answer: () => close(true), leave: () => close(false) };
}

const overdue = (service: ServiceName) => ({ service, code: 'TIMEOUT', retryable: true });

describe('when the client goes', () => {
  it('all reads end, also of what is asked for afterwards, and changes go on', () => {
    const { signals, leave } = begin('IMGCACHE', 'VISUALSNOOP');
    const before = signals.reads('IMGCACHE');
    const change = signals.changes('IMGCACHE');
    leave();
    for (const read of [before, signals.reads('IMGCACHE'), signals.reads('VISUALSNOOP')])
      expect(read).toMatchObject({ aborted: true, reason: { name: 'AbortError' } });
    expect(change.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('after it has its answer, nothing ends', () => {
    const { signals, answer } = begin('IMGCACHE');
    const read = signals.reads('IMGCACHE');
    answer();
    vi.advanceTimersByTime(TIMEOUT_MS * 10);
    expect([read.aborted, signals.gone.aborted]).toEqual([false, false]);
  });
});

describe('when the time is over', () => {
  it('reads and changes of each remote service end with an error that names it, also those that come later', () => {
    const { signals } = begin('IMGCACHE', 'VISUALSNOOP');
    const before = [signals.reads('IMGCACHE'), signals.changes('IMGCACHE')];
    vi.advanceTimersByTime(TIMEOUT_MS + 999);
    expect(before.map(({ aborted }) => aborted)).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    for (const { reason } of before) expect(reason).toMatchObject(overdue('IMGCACHE'));
    expect(signals.reads('VISUALSNOOP').reason).toMatchObject(overdue('VISUALSNOOP'));
    expect(signals.changes('VISUALSNOOP').reason).toMatchObject(overdue('VISUALSNOOP'));
    expect(signals.gone.aborted).toBe(false);
  });

  it('an embedded service is not ended', () => {
    const { signals } = begin('IMGCACHE');
    const signal = [signals.reads('VISUALSNOOP'), signals.changes('VISUALSNOOP')];
    vi.advanceTimersByTime(TIMEOUT_MS * 10);
    expect([...signal, signals.changes('VISUALSNOOP')].map(({ aborted }) => aborted)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is put off for good once the deadline is lifted', () => {
    const { signals } = begin('IMGCACHE');
    const read = signals.reads('IMGCACHE');
    signals.liftDeadline();
    vi.advanceTimersByTime(TIMEOUT_MS * 10);
    expect(read.aborted).toBe(false);
  });
});

it('each service has one signal for all its reads', () => {
  const { signals } = begin('IMGCACHE', 'VISUALSNOOP');
  expect(signals.reads('IMGCACHE')).toBe(signals.reads('IMGCACHE'));
  expect(signals.reads('IMGCACHE')).not.toBe(signals.reads('VISUALSNOOP'));
  expect(signals.reads('IMGCACHE')).not.toBe(signals.changes('IMGCACHE'));
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { Fault } from '#src/calls/fault.js';
import { parseRetryAfter, retryDelay } from '#src/calls/retries.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('the wait before a retry', () => {
  it('doubles with each try, and differs from call to call', () => {
    for (let round = 0; round < 100; round++) {
      expect(retryDelay(new Fault('SERVER_ERROR'), 1)).toBeGreaterThanOrEqual(50);
      expect(retryDelay(new Fault('SERVER_ERROR'), 1)).toBeLessThanOrEqual(100);
      expect(retryDelay(new Fault('SERVER_ERROR'), 2)).toBeGreaterThanOrEqual(100);
      expect(retryDelay(new Fault('SERVER_ERROR'), 2)).toBeLessThanOrEqual(200);
    }
    const delays = Array.from({ length: 20 }, () => retryDelay(new Fault('SERVER_ERROR'), 1));
    expect(new Set(delays).size).toBeGreaterThan(10);
  });

  it('is none for the first closed connection', () => {
    expect(retryDelay(new Fault('CONNECTION_CLOSED'), 1)).toBe(0);
    expect(retryDelay(new Fault('CONNECTION_CLOSED'), 2)).toBeGreaterThan(0);
  });

  it('is what the service asks for, up to 5 s', () => {
    expect(retryDelay(new Fault('BUSY', { retryAfterMs: 1_500 }), 1)).toBe(1_500);
    expect(retryDelay(new Fault('BUSY', { retryAfterMs: 3_600_000 }), 1)).toBe(5_000);
  });
});

describe('Retry-After', () => {
  it.each([
    ['3', 3_000],
    ['0', 0],
    ['Fri, 20 Nov 2026 23:40:40 GMT', 3_000],
    ['Fri, 20 Nov 2026 23:40:30 GMT', 0],
    ['soon', null],
    [undefined, null],
    [['1', '2'], null],
  ])('%j means %j ms', (header, expected) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-20T23:40:37Z') });
    expect(parseRetryAfter(header)).toBe(expected);
  });
});
